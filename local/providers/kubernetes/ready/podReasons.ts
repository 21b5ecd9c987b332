import { objectOf, textOf } from "../../protocol/values.ts";
import type { Values } from "../../protocol/values.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { namesOf } from "../manifest.ts";
import { listObjects } from "../objects.ts";
import { conditionOf, countOf, objectsOf } from "./conditions.ts";

const pod = { apiVersion: "v1", kind: "Pod" };
const event = { apiVersion: "v1", kind: "Event" };

/** How many of the newest events of an object are worth telling. */
const toldEvents = 3;

/** Why the pods of an object are not ready, and the last warnings about it and them. */
export async function podReasons(cluster: Cluster, kind: Kind, object: Values): Promise<string[]> {
    const pods = (await podsOf(cluster, kind, object)).filter(
        (one) => conditionOf(one, "Ready")?.status !== "True",
    );
    const reasons = pods.flatMap((one) => podProblems(one));
    const told = kind.kind === "Pod" ? [object] : [object, ...pods];
    for (const one of told) reasons.push(...(await warningsAbout(cluster, one)));
    return [...new Set(reasons)];
}

async function podsOf(cluster: Cluster, kind: Kind, object: Values): Promise<Values[]> {
    if (kind.kind === "Pod") return [object];
    const spec = objectOf(object, "spec");
    const selector =
        kind.kind === "Service" ? spec.selector : objectOf(spec, "selector").matchLabels;
    const labels = Object.entries((selector ?? {}) as Record<string, string>);
    if (labels.length === 0) return [];
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(",");
    return listObjects(cluster, pod, namesOf(object).namespace, { labelSelector });
}

function podProblems(one: Values): string[] {
    const { name } = namesOf(one);
    const status = objectOf(one, "status");
    const containers = [
        ...objectsOf(status, "initContainerStatuses"),
        ...objectsOf(status, "containerStatuses"),
    ];
    const problems = containers.flatMap((container) => {
        const where = `pod '${name}', container '${textOf(container, "name")}'`;
        const state = containerProblem(container);
        return state === undefined ? [] : [`${where}: ${state}`];
    });
    const scheduled = conditionOf(one, "PodScheduled");
    if (scheduled?.status === "False")
        problems.push(`pod '${name}': ${scheduled.reason}: ${scheduled.message}`);
    return problems;
}

function containerProblem(container: Values): string | undefined {
    const waiting = objectOf(objectOf(container, "state"), "waiting");
    const reason = textOf(waiting, "reason");
    const ended = endText(objectOf(objectOf(container, "lastState"), "terminated"));
    // An init container that waits for its turn, or one being made, is no problem by itself.
    if (reason !== undefined && reason !== "PodInitializing") {
        const message = textOf(waiting, "message");
        return [reason, message, ended].filter((text) => text !== undefined).join(": ");
    }
    const terminated = objectOf(objectOf(container, "state"), "terminated");
    if (countOf(terminated, "exitCode") !== 0) return endText(terminated);
    const running = "running" in objectOf(container, "state");
    return running && container.ready === false ? "runs but is not ready" : undefined;
}

function endText(terminated: Values): string | undefined {
    if (!("exitCode" in terminated)) return undefined;
    const message = textOf(terminated, "message")?.trim();
    const text = `ended with code ${countOf(terminated, "exitCode")} (${textOf(terminated, "reason")})`;
    return message === undefined || message === "" ? text : `${text}: ${message}`;
}

async function warningsAbout(cluster: Cluster, object: Values): Promise<string[]> {
    const { namespace, name } = namesOf(object);
    const uid = textOf(objectOf(object, "metadata"), "uid") ?? "";
    const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
    const events = await listObjects(cluster, event, namespace, { fieldSelector });
    const time = (one: Values) =>
        textOf(one, "lastTimestamp") ??
        textOf(one, "eventTime") ??
        textOf(objectOf(one, "metadata"), "creationTimestamp") ??
        "";
    return events
        .sort((one, other) => time(one).localeCompare(time(other)))
        .slice(-toldEvents)
        .map((one) => `event of '${name}': ${textOf(one, "reason")}: ${textOf(one, "message")}`);
}
