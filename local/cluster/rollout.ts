import { isConnectionLost } from "../lostConnection.ts";
import { isValues, objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { awaitReadiness } from "../readiness/awaitReadiness.ts";
import { objectsOf } from "../readiness/conditions.ts";
import { failed, waiting } from "../readiness/readiness.ts";
import type { ReasonRule } from "../readiness/reasonRules.ts";
import { judgeDeployment } from "../readiness/workloads.ts";
import { sayInStep, waitingFor } from "../steps.ts";
import type { Kubernetes } from "./kubernetes.ts";

/** A Deployment of the platform to wait for. */
export interface Rollout {
    namespace: string;
    name: string;
    /** Time limit. */
    seconds: number;
    /** Rules for reasons that only these pods have. */
    rules?: readonly ReasonRule[];
}

/** Kinds read by each poll, in one request per kind. */
const kinds = "deployments,replicasets,pods,events,nodes";

/** Waits until a Deployment is rolled out. Throws with the problems of its pods and their last log lines. */
export async function waitForRollout(
    { kubectl }: Pick<Kubernetes, "kubectl">,
    { namespace, name, seconds, rules = [] }: Rollout,
): Promise<void> {
    const labels = { "app.kubernetes.io/name": name };
    let listed: Values[] = [];
    const read = async (): Promise<Values | undefined> => {
        const list: unknown = JSON.parse(
            await kubectl(["-n", namespace, "get", kinds, "-o", "json"]),
        );
        listed = isValues(list) ? objectsOf(list, "items") : [];
        return ofKind("Deployment").find((one) => isNamed(one, name));
    };
    const ofKind = (kind: string) => listed.filter((object) => object.kind === kind);
    const what = `Deployment '${namespace}/${name}'`;
    const awaited = {
        what,
        look: async () => {
            try {
                const found = await read();
                return found === undefined ? failed("it was deleted") : judgeDeployment(found);
            } catch (error) {
                // Tolerates a restart of the API server.
                if (!isConnectionLost(error)) throw error;
                return waiting((error as Error).message);
            }
        },
        gather: () =>
            Promise.resolve({
                owners: ofKind("Deployment").filter((one) => isNamed(one, name)),
                replicaSets: ofKind("ReplicaSet"),
                pods: ofKind("Pod").filter((one) => isLabelled(one, labels)),
                events: ofKind("Event"),
                nodes: ofKind("Node"),
            }),
        limitMs: seconds * 1000,
        rules,
        tell: sayInStep,
    };
    const problems = await waitingFor(what, (progress) => awaitReadiness({ ...awaited, progress }));
    if (problems.length === 0) return;
    // Logs of terminating pods do not explain the failure.
    const [pod] = ofKind("Pod").filter((one) => isLabelled(one, labels) && !isLeaving(one));
    const podName = pod === undefined ? "" : textOf(objectOf(pod, "metadata"), "name");
    const log = await kubectl(["-n", namespace, "logs", `pod/${podName}`, "--tail=10"]).catch(
        () => "",
    );
    const lines = log.split("\n").filter((line) => line.trim() !== "");
    const said = lines.length === 0 ? [] : ["last lines of its log:", ...lines.map(indent)];
    throw new Error([...problems, ...said].join("\n"));
}

function isNamed(object: Values, name: string): boolean {
    return textOf(objectOf(object, "metadata"), "name") === name;
}

function isLeaving(object: Values): boolean {
    return "deletionTimestamp" in objectOf(object, "metadata");
}

function isLabelled(object: Values, labels: Record<string, string>): boolean {
    const own = objectOf(objectOf(object, "metadata"), "labels");
    return Object.entries(labels).every(([key, value]) => own[key] === value);
}

function indent(line: string): string {
    return `    ${line}`;
}
