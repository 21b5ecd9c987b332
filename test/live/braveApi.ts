import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig, V1Pod } from "@kubernetes/client-node";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { ensureAuthority, ensureCertificate } from "../../local/cluster/certificates.ts";
import { projectRoot } from "../../local/stack.ts";
import { braveApiKey, braveApiName } from "./braveSearch.ts";
import { eventually, readDeployment } from "./cluster.ts";

const files = "/etc/brave-api";

/** Starts Brave's API as a pod beside the servers, which are configured to reach it through its proxy. */
export async function startBraveApi(kube: KubeConfig, namespace: string): Promise<void> {
    const api = kube.makeApiClient(CoreV1Api);
    const { spec } = await readDeployment(kube, "brave-search");
    const metadata = { name: braveApiName, namespace, labels: { app: braveApiName } };
    await api.createNamespacedSecret({
        namespace,
        body: { metadata, stringData: await makeFiles() },
    });
    const image = spec!.template.spec!.containers[0]!.image!;
    await api.createNamespacedPod({ namespace, body: { metadata, spec: buildPod(image) } });
    const ports = [{ port: 8000 }];
    const service = { metadata, spec: { selector: { app: braveApiName }, ports } };
    await api.createNamespacedService({ namespace, body: service });
    await eventually("Brave's API", 60, async () => {
        const { status } = await api.readNamespacedPod({ name: braveApiName, namespace });
        return status?.containerStatuses?.[0]?.ready;
    });
}

/** The program, and a certificate that whoever trusts the cluster takes for Brave's. */
async function makeFiles(): Promise<Record<string, string>> {
    const request = { commonName: braveApiName, names: ["api.search.brave.com"] };
    const made = await ensureCertificate(braveApiName, await ensureAuthority("cluster"), request);
    const program = join(projectRoot, "images/brave-search/test/braveApi.mjs");
    try {
        return {
            "braveApi.mjs": await readFile(program, "utf8"),
            "certificate.pem": await readFile(made.certificate, "utf8"),
            "key.pem": await readFile(made.key, "utf8"),
        };
    } finally {
        await Promise.all([rm(made.certificate), rm(made.key)]);
    }
}

/** Node alone runs the program, so that the image of the server does. */
function buildPod(image: string): V1Pod["spec"] {
    const environment = {
        PORT: "8000",
        BRAVE_API_KEY: braveApiKey,
        CERTIFICATE_FILE: `${files}/certificate.pem`,
        KEY_FILE: `${files}/key.pem`,
    };
    return {
        automountServiceAccountToken: false,
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
            {
                name: "api",
                image,
                command: ["node", `${files}/braveApi.mjs`],
                env: Object.entries(environment).map(([name, value]) => ({ name, value })),
                readinessProbe: { httpGet: { path: "/", port: 8000 }, periodSeconds: 1 },
                resources: { requests: { cpu: "10m" }, limits: { memory: "128Mi" } },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                    readOnlyRootFilesystem: true,
                },
                volumeMounts: [{ name: "files", mountPath: files, readOnly: true }],
            },
        ],
        volumes: [{ name: "files", secret: { secretName: braveApiName } }],
    };
}
