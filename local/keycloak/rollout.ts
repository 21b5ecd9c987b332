import type { Kubernetes } from "../cluster/kubernetes.ts";

const timeoutSeconds = 600;

/** Waits until a Deployment's pods run as wanted, or says why they do not: what they wait for and their last log lines. */
export async function waitForRollout(
    kubernetes: Pick<Kubernetes, "kubectl">,
    namespace: string,
    name: string,
): Promise<void> {
    const rollout = ["-n", namespace, "rollout", "status", `deployment/${name}`];
    try {
        await kubernetes.kubectl([...rollout, `--timeout=${timeoutSeconds}s`]);
    } catch (error) {
        const reasons = await describePods(kubernetes, namespace, name);
        throw new Error([(error as Error).message, ...reasons].join("\n"), { cause: error });
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
    const selector = ["-n", namespace, "-l", `app.kubernetes.io/name=${name}`];
    const listed = await kubectl(["get", "pods", ...selector, "-o", "json"]).catch(() => "");
    const pods = listed === "" ? [] : (JSON.parse(listed) as { items: Pod[] }).items;
    const logs = await kubectl(["logs", ...selector, "--tail=10"]).catch(() => "");
    const lines = logs.split("\n").filter((line) => line !== "");
    return [
        ...pods.flatMap(describePod),
        ...(lines.length > 0
            ? ["last lines of its log:", ...lines.map((line) => `    ${line}`)]
            : []),
    ];
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
    return [...unmet.map(({ message }) => [message]), ...containers]
        .filter((parts) => parts !== undefined)
        .map((parts) => parts.filter((part) => part !== undefined).join(": "))
        .filter((text) => text !== "")
        .map((text) => `pod ${metadata.name}: ${text}`);
}
