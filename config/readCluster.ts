import { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

import { describeProblems } from "../components/problems/argProblem.ts";
import { type ClusterNeeds, findClusterProblems, type ReadCluster } from "./clusterRules.ts";
import type { StackConfig } from "./stackConfig.ts";

/** Time limit of a request, in milliseconds. */
const answerWithinMs = 10_000;

/** The API server did not answer, or refused to tell: the provider will say why. */
class UnreadableError extends Error {}

/**
 * Refuses a stack whose cluster lacks what its gateway needs. What the cluster does not tell is not refused: it may be
 * created later, or may be closed to this user.
 */
export async function checkCluster(
    needs: ClusterNeeds & Pick<StackConfig, "provider">,
    read: ReadCluster = openCluster(needs.provider),
): Promise<void> {
    const problems = await findClusterProblems(needs, read).catch((error: unknown) => {
        if (error instanceof UnreadableError) return [];
        throw error;
    });
    if (problems.length > 0) {
        throw new pulumi.RunError(
            `configuration of stack '${pulumi.getStack()}':\n${describeProblems(problems)}`,
        );
    }
}

/** Reads the cluster that the provider uses. */
function openCluster(provider: StackConfig["provider"]): ReadCluster {
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

function send(url: URL, options: RequestOptions): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
        const sent = request(url, options, (response) => {
            text(response).then(
                (body) => resolve({ status: response.statusCode ?? 0, body }),
                reject,
            );
        });
        sent.on("error", reject).end();
    });
}
