import type { KubeConfig } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { projectRoot } from "../../local/stack.ts";
import { braveApiKey, braveApiName } from "./braveSearch.ts";
import { readDeployment } from "./cluster.ts";
import { makeClusterCertificate } from "./clusterCertificate.ts";
import { startFilePod } from "./filePod.ts";

const directory = "/etc/brave-api";

/** Starts Brave's API as a pod beside the servers, which are configured to reach it through its proxy. */
export async function startBraveApi(kube: KubeConfig, namespace: string): Promise<void> {
    const { spec } = await readDeployment(kube, "brave-search");
    await startFilePod(kube, {
        name: braveApiName,
        namespace,
        // Node alone runs the program, so that the image of the server does.
        image: spec!.template.spec!.containers[0]!.image!,
        command: ["node", `${directory}/braveApi.mjs`],
        environment: {
            PORT: "8000",
            BRAVE_API_KEY: braveApiKey,
            CERTIFICATE_FILE: `${directory}/certificate.pem`,
            KEY_FILE: `${directory}/key.pem`,
        },
        files: await makeFiles(),
        directory,
        port: 8000,
        readyPath: "/",
    });
}

/** The program, and a certificate that whoever trusts the cluster takes for Brave's. */
async function makeFiles(): Promise<Record<string, string>> {
    const program = join(projectRoot, "images/brave-search/test/braveApi.mjs");
    const names = ["api.search.brave.com"];
    const made = await makeClusterCertificate({ commonName: braveApiName, names });
    return {
        "braveApi.mjs": await readFile(program, "utf8"),
        "certificate.pem": made.certificate,
        "key.pem": made.key,
    };
}
