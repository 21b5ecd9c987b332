import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";

import type { ReadCluster } from "./clusterRules.ts";
import { answerWithinMs, send } from "./send.ts";
import type { StackConfig } from "./stackConfig.ts";

/** The API server did not answer, or refused to tell: the provider will say why. */
export class UnreadableError extends Error {}

/** Reads the cluster that the provider uses. */
export function openCluster(provider: StackConfig["provider"]): ReadCluster {
    return async (path) => {
        try {
            return await get(loadKubeConfig(provider), path);
        } catch (cause) {
            throw new UnreadableError(undefined, { cause });
        }
    };
}

function loadKubeConfig({ kubeconfig, context }: StackConfig["provider"]): KubeConfig {
    const loaded = new KubeConfig();
    const isContent = kubeconfig.includes("\n") || kubeconfig.startsWith("{");
    if (kubeconfig === "") loaded.loadFromDefault();
    else if (isContent) loaded.loadFromString(kubeconfig);
    else loaded.loadFromFile(kubeconfig);
    if (context !== "") loaded.setCurrentContext(context);
    return loaded;
}

async function get(kubeConfig: KubeConfig, path: string): ReturnType<ReadCluster> {
    const { server = "" } = kubeConfig.getCurrentCluster() ?? {};
    const security: RequestOptions = { signal: AbortSignal.timeout(answerWithinMs) };
    await kubeConfig.applyToHTTPSOptions(security);
    const { status, body } = await send(new URL(server.replace(/\/$/, "") + path), security);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${path}: answered with status ${status}`);
    return JSON.parse(body) as Awaited<ReturnType<ReadCluster>>;
}
