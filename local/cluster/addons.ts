import { readFile } from "node:fs/promises";

import { addresses } from "./addresses.ts";
import type { Credentials } from "./credentials.ts";
import { buildDnsManifest, coreDnsImage } from "./coreDns.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { buildMetricsManifest, metricsServerImage } from "./metricsServer.ts";
import type { Node } from "./node.ts";
import { waitForRollout } from "./rollout.ts";
import { waitFor } from "./run.ts";
import { importImage } from "./scratchImage.ts";

/** Installs the cluster's add-ons: DNS and metrics. */
export async function ensureAddons(
    node: Node,
    kubernetes: Kubernetes,
    credentials: Credentials,
): Promise<void> {
    await importImage(node, { image: coreDnsImage, tool: "coredns", user: "65532" });
    await importImage(node, { image: metricsServerImage, tool: "metrics-server", user: "65532" });
    const pem = (file: string) => readFile(file, "utf8");
    const items = [
        ...buildDnsManifest(addresses.dns),
        ...buildMetricsManifest({
            authority: await pem(credentials.authority.certificate),
            certificate: await pem(credentials.metricsServer.certificate),
            key: await pem(credentials.metricsServer.key),
        }),
    ];
    await kubernetes.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    for (const name of ["coredns", "metrics-server"]) {
        const rollout = { namespace: "kube-system", name, seconds: 180 };
        await waitForRollout(kubernetes, rollout);
    }
    await waitFor("an answer of CoreDNS", 60, () => resolveName(node));
    await waitFor("metrics of the node", 120, async () => {
        const nodes = await kubernetes.kubectl([
            "get",
            "--raw",
            "/apis/metrics.k8s.io/v1beta1/nodes",
        ]);
        return nodes.includes('"usage"');
    });
}

/** Whether the cluster's DNS answers through its Service. The reported status of its pods may be out of date. */
async function resolveName(node: Node): Promise<boolean> {
    const program = `
        const resolver = new (require("node:dns").promises.Resolver)({ timeout: 1000, tries: 1 });
        resolver.setServers(["${addresses.dns}"]);
        resolver.resolve4("kubernetes.default.svc.cluster.local").then(([first]) => console.log(first));
    `;
    const answer = await node.enter(process.execPath, ["--eval", program]);
    return answer.trim() === addresses.apiService;
}
