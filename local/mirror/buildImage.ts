import { constants } from "node:fs";
import { copyFile, cp, rm } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import type { StepLog } from "../steps.ts";
import { recipeDirectory, shortReference } from "./baseImages.ts";
import type { BaseImage } from "./baseImages.ts";
import { ownDockerHost } from "./dockerEngine.ts";
import { fetchDownload } from "./downloads.ts";
import { keyLabel } from "./keyLabel.ts";
import { registryAddress } from "./registry.ts";
import { ensureRootFileSystem, imageSettings } from "./rootFileSystem.ts";

/** Builds a base image on the platform's own engine and pushes it to the platform's registry. */
export async function buildImage(image: BaseImage, key: string, log: StepLog): Promise<void> {
    const docker = (...args: string[]) => log.run("docker", args, { env: clientEnvironment() });
    const reference = `${registryAddress}/${image.repository}:${image.tag}`;
    const label = `${keyLabel}=${key}`;
    if (image.from.length === 0) {
        const archive = await ensureRootFileSystem(image, key, log);
        const changes = [...imageSettings, `LABEL ${label}`].flatMap((text) => ["--change", text]);
        await docker("import", ...changes, archive, reference);
    } else {
        await buildFromDockerfile(image, log, ["--label", label, "--tag", reference], docker);
    }
    // Dockerfiles use this name; a build must not use an older image of that name.
    await docker("tag", reference, shortReference(image));
    await docker("push", reference);
}

async function buildFromDockerfile(
    image: BaseImage,
    log: StepLog,
    options: string[],
    docker: (...args: string[]) => Promise<string>,
): Promise<void> {
    const context = join(paths.cache, "contexts", image.name);
    await rm(context, { recursive: true, force: true });
    try {
        await cp(recipeDirectory(image), context, { recursive: true });
        for (const [name, download] of Object.entries(image.files)) {
            const file = await fetchDownload(download, log);
            await copyFile(file, join(context, name), constants.COPYFILE_FICLONE);
        }
        // All files must be readable by the image's user, whatever the umask of the checkout.
        await log.run("chmod", ["-R", "u=rwX,go=rX", context]);
        const proxies = ["http_proxy", "https_proxy", "no_proxy"]
            .flatMap((name) => [name, name.toUpperCase()])
            .filter((name) => process.env[name] !== undefined)
            .flatMap((name) => ["--build-arg", name]);
        await docker("build", ...proxies, ...options, context);
    } finally {
        await rm(context, { recursive: true, force: true });
    }
}

/** Removes build stages. Must not run during another build, whose unfinished stages it would remove too. */
export async function removeBuildStages(log: StepLog): Promise<void> {
    const stages = ["--filter", "label=io.slipway.stage=build"];
    const env = clientEnvironment();
    await log.run("docker", ["image", "prune", "--force", ...stages], { env });
}

/** Ignores the user's contexts, credentials and builders. The engine has only the classic builder. */
function clientEnvironment(): NodeJS.ProcessEnv {
    return {
        ...process.env,
        DOCKER_BUILDKIT: "0",
        DOCKER_CONFIG: join(paths.platform, "configs", "docker-client"),
        DOCKER_CONTEXT: "",
        DOCKER_HOST: ownDockerHost,
        DOCKER_TLS_VERIFY: "",
    };
}
