import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { paths } from "../paths.ts";
import { apiServerUrl } from "./addresses.ts";
import type { CertificateFiles } from "./certificates.ts";
import { writeText } from "./textFile.ts";

/** Writes a kubeconfig for one client certificate (mode 0600) and returns its path. */
export async function writeKubeConfig(
    name: string,
    authority: CertificateFiles,
    client: CertificateFiles,
): Promise<string> {
    const encode = async (file: string) => (await readFile(file)).toString("base64");
    const cluster = "slipway";
    const config = {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            {
                name: cluster,
                cluster: {
                    server: apiServerUrl,
                    "certificate-authority-data": await encode(authority.certificate),
                },
            },
        ],
        users: [
            {
                name,
                user: {
                    "client-certificate-data": await encode(client.certificate),
                    "client-key-data": await encode(client.key),
                },
            },
        ],
        contexts: [{ name: cluster, context: { cluster, user: name } }],
        "current-context": cluster,
    };
    const file = join(paths.platform, "kubeconfigs", name);
    await mkdir(join(paths.platform, "kubeconfigs"), { recursive: true, mode: 0o700 });
    await writeText(file, stringify(config), 0o600);
    return file;
}
