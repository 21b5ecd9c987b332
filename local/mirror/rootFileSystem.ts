import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import type { StepLog } from "../steps.ts";
import { recipeDirectory } from "./baseImages.ts";
import type { BaseImage } from "./baseImages.ts";
import { readMachineCertificates } from "./machineCertificates.ts";

/** Variables of every base image: programs with their own bundle must also trust the machine's authorities. */
const environment = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt",
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    PIP_CERT: "/etc/ssl/certs/ca-certificates.crt",
};

/** Image settings that a root file system does not contain, as Dockerfile instructions. */
export const imageSettings = [
    ...Object.entries(environment).map(([name, value]) => `ENV ${name}=${value}`),
    `CMD ["bash"]`,
];

/** Returns the tar file of the root file system of all base images; creates it when the cache has none for `key`. */
export async function ensureRootFileSystem(
    image: BaseImage,
    key: string,
    log: StepLog,
): Promise<string> {
    const directory = join(paths.cache, "images");
    const archive = join(directory, `${image.name}-${key}.tar`);
    if (await stat(archive).catch(() => undefined)) return archive;
    await mkdir(directory, { recursive: true });
    const unfinished = `${archive}.unfinished`;
    const certificates = `${unfinished}.pem`;
    try {
        await writeFile(certificates, await readMachineCertificates());
        // Mounts of the script end with its namespaces, even if it is killed.
        const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
        const script = join(recipeDirectory(image), "rootfs.sh");
        await log.run("unshare", [
            ...[...namespaces, "--propagation", "private", "--"],
            ...["sh", script, unfinished, certificates],
        ]);
        await rename(unfinished, archive);
    } finally {
        await rm(certificates, { force: true });
        await rm(unfinished, { force: true });
    }
    return archive;
}
