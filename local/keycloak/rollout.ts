import type { Kubernetes } from "../cluster/kubernetes.ts";

/** How often the state of the pods is looked at and, when it changed, told. */
const lookSeconds = 10;

/**
 * Waits until a Deployment's pods run as wanted, and tells meanwhile what they wait for.
 *
 * @param seconds - After that it fails, with what the pods wait for and their last log lines.
 */
export async function waitForRollout(
    kubernetes: Pick<Kubernetes, "kubectl">,
    namespace: string,
    name: string,
    seconds: number,
): Promise<void> {
    const rollout = ["-n", namespace, "rollout", "status", `deployment/${name}`];
    const end = Date.now() + seconds * 1000;
    for (let told = ""; ;) {
        try {
            await kubernetes.kubectl([...rollout, `--timeout=${Math.min(lookSeconds, seconds)}s`]);
            return;
        } catch (error) {
            const pods = await describePods(kubernetes, namespace, name);
            // Any other failure, such as a missed deadline of the Deployment, does not go away.
            if (!String(error).includes("timed out") || Date.now() >= end) {
                const log = await readLog(kubernetes, namespace, name);
                throw new Error([(error as Error).message, ...pods, ...log].join("\n"), {
                    cause: error,
                });
            }
            const state = pods.join("; ");
            if (state !== told && state !== "") console.log(`… ${state}`);
            told = state;
        }
    }
}

interface Pod {
    metadata: { name: string };
    status?: {
        conditions?: { status: string; message?: string }[];
        containerStatuses?: {
            restartCount: number;
            state?: { waiting?: { reason?: string; message?: string } };
            lastState?: { terminated?: { reason?: string; exitCode: number } };
        }[];
    };
}

async function describePods(
    { kubectl }: Pick<Kubernetes, "kubectl">,
    namespace: string,
    name: string,
): Promise<string[]> {
    const options = [...select(namespace, name), "-o", "json"];
    const listed = await kubectl(["get", "pods", ...options]).catch(() => `{"items":[]}`);
    return (JSON.parse(listed) as { items: Pod[] }).items.flatMap(describePod);
}

async function readLog(
    { kubectl }: Pick<Kubernetes, "kubectl">,
    namespace: string,
    name: string,
): Promise<string[]> {
    const options = [...select(namespace, name), "--tail=10"];
    const text = await kubectl(["logs", ...options]).catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.length === 0
        ? []
        : ["last lines of its log:", ...lines.map((line) => `    ${line}`)];
}

function select(namespace: string, name: string): string[] {
    return ["-n", namespace, "-l", `app.kubernetes.io/name=${name}`];
}

/** What keeps a pod from being ready, in the words of Kubernetes. */
export function describePod({ metadata, status }: Pod): string[] {
    const conditions = status?.conditions ?? [];
    const unmet = conditions.filter((condition) => condition.status !== "True");
    const containers = (status?.containerStatuses ?? []).flatMap((container) => {
        const waiting = container.state?.waiting;
        const ended = container.lastState?.terminated;
        return [
            waiting === undefined ? undefined : [waiting.reason, waiting.message],
            ended === undefined
                ? undefined
                : [
                      `ended ${container.restartCount} times, last with code ${ended.exitCode}`,
                      ended.reason,
                  ],
        ];
    });
    const texts = [...unmet.map(({ message }) => [message]), ...containers]
        .filter((parts) => parts !== undefined)
        .map((parts) => parts.filter((part) => part !== undefined).join(": "))
        .filter((text) => text !== "");
    // A pod and its containers are unready in the same words.
    return [...new Set(texts)].map((text) => `pod ${metadata.name}: ${text}`);
}
