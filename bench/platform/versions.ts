import { KubeConfig, VersionApi } from "@kubernetes/client-node";

import { openEngine } from "../../local/engine.ts";

/** Versions of what the figures depend on beside the checkout. */
export async function readVersions(kubeconfig: string): Promise<Record<string, string>> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const { gitVersion } = await config.makeApiClient(VersionApi).getCode();
    const engine = await openEngine({}, { packages: [], print: () => undefined });
    await engine.close();
    return {
        node: process.version,
        kubernetes: gitVersion,
        pulumi: engine.pulumiCommand.version?.version ?? "unknown",
    };
}
