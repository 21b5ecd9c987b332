import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { conditionOf, conditionsOf, countOf, objectsOf } from "./conditions.ts";
import { describeTooLarge } from "./podSize.ts";
import { findRule, reasonRules } from "./reasonRules.ts";
import type { ReasonRule } from "./reasonRules.ts";
import { selectNewest } from "./revisions.ts";

/** Objects as returned by the API server, fetched at one time. */
export interface Evidence {
    /** Deployments, Jobs and other controllers of the pods. */
    owners: readonly Values[];
    /** ReplicaSets of the Deployments. */
    replicaSets: readonly Values[];
    pods: readonly Values[];
    /** Events, also of other objects. */
    events: readonly Values[];
    /** All nodes of the cluster; empty when the caller may not read nodes. */
    nodes: readonly Values[];
}

/** A problem that prevents a pod from being ready, or an owner from creating pods. */
export interface PodProblem extends Pick<ReasonRule, "graceSeconds"> {
    /** Identifies the problem between polls. */
    key: string;
    /** The pod, its waiting reason, its last event and, if known, the repair. */
    text: string;
}

interface Told {
    reason: string;
    message: string;
}

/** Finds the problems that prevent pods from being ready. `rules` precede the built-in ones. */
export function findPodProblems(
    { owners, replicaSets, pods, events, nodes }: Evidence,
    rules: readonly ReasonRule[] = [],
): PodProblem[] {
    const all = [...rules, ...reasonRules];
    const unready = selectNewest(owners, replicaSets, pods).filter((pod) => !isDone(pod));
    return [
        ...owners.flatMap((owner) => findOwnerProblems(owner, all)),
        ...unready.flatMap((pod) => findProblemsOf(pod, newestEvent(pod, events), nodes, all)),
    ];
}

function findOwnerProblems(owner: Values, rules: readonly ReasonRule[]): PodProblem[] {
    const failure = conditionOf(owner, "ReplicaFailure");
    if (failure?.status !== "True") return [];
    const where = `${textOf(owner, "kind") ?? "object"} '${nameOf(owner)}'`;
    return [toProblem(where, uidOf(owner), [failure], undefined, rules)];
}

function findProblemsOf(
    pod: Values,
    event: Told | undefined,
    nodes: readonly Values[],
    rules: readonly ReasonRule[],
): PodProblem[] {
    const where = `pod '${nameOf(pod)}'`;
    const uid = uidOf(pod);
    const scheduled = conditionOf(pod, "PodScheduled");
    if (scheduled?.status === "False") {
        const tooLarge = describeTooLarge(pod, nodes);
        const own = tooLarge === undefined ? [] : [{ ...tooLarge, reasons: ["Unschedulable"] }];
        return [toProblem(where, uid, [scheduled], undefined, [...own, ...rules])];
    }
    const status = objectOf(pod, "status");
    const containers = [
        ...objectsOf(status, "initContainerStatuses"),
        ...objectsOf(status, "containerStatuses"),
    ];
    const problems = containers.flatMap((container) => {
        const told = tellContainer(container);
        const name = textOf(container, "name") ?? "";
        if (told.length === 0) return [];
        const place = `${where}, container '${name}'`;
        return [toProblem(place, `${uid}/${name}`, told, event, rules)];
    });
    if (problems.length > 0) return problems;
    const reason = textOf(status, "reason") ?? textOf(status, "phase") ?? "Unknown";
    const own = { reason, message: textOf(status, "message") ?? unmetConditions(pod) };
    return [toProblem(where, uid, [own], event, rules)];
}

function toProblem(
    where: string,
    subject: string,
    told: readonly Told[],
    event: Told | undefined,
    rules: readonly ReasonRule[],
): PodProblem {
    const rule = findRule(rules, event === undefined ? told : [...told, event]);
    const last = event === undefined ? [] : [`last event ${tell(event)}`];
    const repair = rule === undefined ? [] : [rule.repair];
    const words = [...told.map(tell), ...last, ...repair];
    const name = rule === undefined ? (told[0]?.reason ?? "") : rules.indexOf(rule);
    return {
        key: `${subject}: ${name}`,
        text: `${where}: ${words.join("; ")}`,
        ...(rule?.graceSeconds !== undefined && { graceSeconds: rule.graceSeconds }),
    };
}

/** Waiting reason and last termination of a container; empty when it is ready or waits for init containers. */
function tellContainer(container: Values): Told[] {
    const state = objectOf(container, "state");
    const waiting = objectOf(state, "waiting");
    const ended = [state, objectOf(container, "lastState")]
        .map((one) => objectOf(one, "terminated"))
        .filter((one) => countOf(one, "exitCode") !== 0)
        .map((one) => tellEnd(one, countOf(container, "restartCount")));
    const reason = textOf(waiting, "reason");
    // Waiting for init containers is not a problem in itself.
    if (reason === "PodInitializing") return ended;
    if (reason !== undefined) {
        const message = textOf(waiting, "message") ?? "";
        // A container that failed to start reports the message in both states.
        const others = ended.filter((one) => message === "" || !one.message.endsWith(message));
        return [{ reason, message }, ...others];
    }
    if ("terminated" in state) return ended;
    if (container.ready !== false || !("running" in state)) return [];
    return [{ reason: "runs but is not ready", message: "" }, ...ended];
}

function tellEnd(terminated: Values, restarts: number): Told {
    const code = `ended with code ${countOf(terminated, "exitCode")}`;
    const times = restarts === 0 ? code : `${code}, restart ${restarts}`;
    const said = textOf(terminated, "message")?.trim() ?? "";
    const message = said === "" ? times : `${times}: ${said}`;
    return { reason: textOf(terminated, "reason") ?? "Error", message };
}

function unmetConditions(pod: Values): string {
    const messages = conditionsOf(pod)
        .filter(({ status, message }) => status !== "True" && message !== "")
        .map(({ message }) => message);
    return [...new Set(messages)].join(", ");
}

function tell({ reason, message }: Told): string {
    return message === "" ? reason : `${reason}: ${summarize(message)}`;
}

const summaryLines = 5;

/** Joins the last lines of a log into one; only the lines that mention an error, if there are any. */
function summarize(message: string): string {
    const [first = "", ...rest] = message.split("\n").filter((line) => line.trim() !== "");
    const errors = rest.filter((line) => /error|exception|fatal|panic/i.test(line));
    return [first, ...(errors.length > 0 ? errors : rest).slice(-summaryLines)].join(" / ");
}

/** Events that follow more specific events of the same pod. */
const followUps = /^(SandboxChanged|Killing)$|^(Failed|BackOff): (Error: \w+|Back-off )/;

function newestEvent(pod: Values, events: readonly Values[]): Told | undefined {
    const uid = uidOf(pod);
    const [newest] = events
        .filter((event) => textOf(objectOf(event, "involvedObject"), "uid") === uid)
        .map((event) => ({
            reason: textOf(event, "reason") ?? "",
            message: textOf(event, "message")?.trim() ?? "",
            time: timeOf(event),
        }))
        .filter((event) => !followUps.test(tell(event)) && !followUps.test(event.reason))
        .sort((one, other) => other.time.localeCompare(one.time));
    return newest;
}

function timeOf(event: Values): string {
    return (
        textOf(objectOf(event, "series"), "lastObservedTime") ??
        textOf(event, "lastTimestamp") ??
        textOf(event, "eventTime") ??
        textOf(objectOf(event, "metadata"), "creationTimestamp") ??
        ""
    );
}

/** Whether a pod is ready, completed or terminating. */
function isDone(pod: Values): boolean {
    if (textOf(objectOf(pod, "metadata"), "deletionTimestamp") !== undefined) return true;
    const phase = textOf(objectOf(pod, "status"), "phase");
    return phase === "Succeeded" || conditionOf(pod, "Ready")?.status === "True";
}

function nameOf(object: Values): string {
    return textOf(objectOf(object, "metadata"), "name") ?? "";
}

function uidOf(object: Values): string {
    return textOf(objectOf(object, "metadata"), "uid") ?? "";
}
