import { KubeConfig, VersionApi } from "@kubernetes/client-node";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { devStateDirectory } from "./paths.ts";

/**
 * Returns the environment that selects one context of the caller's kubeconfig. The kubeconfig itself is not changed.
 *
 * The engine's Kubernetes provider reads the current context, so a file with that context alone is written beside the
 * state (mode 0600). Throws when the context does not exist or its API server does not answer.
 */
export async function useExistingCluster(context: string): Promise<Record<string, string>> {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    const names = kubeConfig.getContexts().map(({ name }) => name);
    const chosen = kubeConfig.getContextObject(context);
    if (chosen === null) {
        const known = names.length === 0 ? "none" : names.map((name) => `'${name}'`).join(", ");
        throw new Error(
            `--context: must name a context of the kubeconfig (${known}), got '${context}'; ` +
                "set KUBECONFIG or see 'kubectl config get-contexts'",
        );
    }
    kubeConfig.setCurrentContext(context);
    const cluster = kubeConfig.getCurrentCluster();
    try {
        const { gitVersion } = await kubeConfig.makeApiClient(VersionApi).getCode();
        console.log(
            `cluster: context '${context}' (Kubernetes ${gitVersion} at ${cluster?.server ?? "?"}); nothing of the embedded platform is started`,
        );
    } catch (error) {
        throw new Error(
            `--context: the API server of '${context}' (${cluster?.server ?? "no cluster"}) must answer: ${(error as Error).message}`,
            { cause: error },
        );
    }
    const directory = devStateDirectory(context);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, "kubeconfig");
    // Keeps the context's name: a stack's configuration may name the context it belongs to.
    kubeConfig.loadFromOptions({
        clusters: [kubeConfig.getCurrentCluster()],
        users: [kubeConfig.getCurrentUser()],
        contexts: [{ cluster: chosen.cluster, user: chosen.user, name: context }],
        currentContext: context,
    });
    await writeFile(file, kubeConfig.exportConfig(), { mode: 0o600 });
    return { KUBECONFIG: file };
}
