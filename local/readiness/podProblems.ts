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
    /**
     * Last lines of the first container of pods that are not ready, by the pod's name.
     *
     * @default no container's log is told
     */
    logs?: Readonly<Record<string, string>>;
}

/** A problem that prevents a pod from being ready, or an owner from creating pods. */
export interface PodProblem extends Pick<ReasonRule, "graceSeconds"> {
    /** Identifies the problem between polls. */
    key: string;
    /** The pod, its waiting reason, its last event, its log and, if known, the repair. */
    text: string;
    /** The pod and its waiting reason alone, for a line that is drawn again and again. */
    brief: string;
}

interface Told {
    reason: string;
    message: string;
}

/** Finds the problems that prevent pods from being ready. `rules` precede the built-in ones. */
export function findPodProblems(
    { owners, replicaSets, pods, events, nodes, logs = {} }: Evidence,
    rules: readonly ReasonRule[] = [],
): PodProblem[] {
    const all = [...rules, ...reasonRules];
    const unready = selectNewest(owners, replicaSets, pods).filter((pod) => !isDone(pod));
    return [
        ...owners.flatMap((owner) => findOwnerProblems(owner, all)),
        ...unready.flatMap((pod) => {
            const event = newestEvent(pod, events);
            return findProblemsOf(pod, { event, nodes, log: logs[nameOf(pod)] }, all);
        }),
    ];
}

function findOwnerProblems(owner: Values, rules: readonly ReasonRule[]): PodProblem[] {
    const failure = conditionOf(owner, "ReplicaFailure");
    if (failure?.status !== "True") return [];
    const where = `${textOf(owner, "kind") ?? "object"} '${nameOf(owner)}'`;
    return [toProblem(where, uidOf(owner), [failure], {}, rules)];
}

function findProblemsOf(
    pod: Values,
    { event, log, nodes }: Around & { nodes: readonly Values[] },
    rules: readonly ReasonRule[],
): PodProblem[] {
    const where = `pod '${nameOf(pod)}'`;
    const uid = uidOf(pod);
    const scheduled = conditionOf(pod, "PodScheduled");
    if (scheduled?.status === "False") {
        const tooLarge = describeTooLarge(pod, nodes);
        const own = tooLarge === undefined ? [] : [{ ...tooLarge, reasons: ["Unschedulable"] }];
        return [toProblem(where, uid, [scheduled], {}, [...own, ...rules])];
    }
    const status = objectOf(pod, "status");
    const containers = [
        ...objectsOf(status, "initContainerStatuses"),
        ...objectsOf(status, "containerStatuses"),
    ];
    const [first] = objectsOf(objectOf(pod, "spec"), "containers");
    const problems = containers.flatMap((container) => {
        const told = tellContainer(container);
        const name = textOf(container, "name") ?? "";
        if (told.length === 0) return [];
        const place = `${where}, container '${name}'`;
        const around = { event, ...(name === textOf(first ?? {}, "name") && { log }) };
        return [toProblem(place, `${uid}/${name}`, told, around, rules)];
    });
    if (problems.length > 0) return problems;
    const reason = textOf(status, "reason") ?? textOf(status, "phase") ?? "Unknown";
    const own = { reason, message: textOf(status, "message") ?? unmetConditions(pod) };
    return [toProblem(where, uid, [own], { event }, rules)];
}

/** What is known of a container besides its state. */
interface Around {
    /** Newest event of its pod. */
    event?: Told | undefined;
    /** Its last lines. */
    log?: string | undefined;
}

function toProblem(
    where: string,
    subject: string,
    told: readonly Told[],
    { event, log = "" }: Around,
    rules: readonly ReasonRule[],
): PodProblem {
    const found = findRule(rules, event === undefined ? told : [...told, event]);
    const rule = found && { ...found, ...found.refine?.(event?.message ?? "", log) };
    const isRoutine = event === undefined || routine.test(event.reason);
    const last = isRoutine ? [] : [`last event ${tell(event)}`];
    const repair = rule === undefined ? [] : [rule.repair];
    const isTold = told.some(({ message }) => message.includes(log.trim()));
    const said = log.trim() === "" || isTold ? [] : [`it said: ${summarize(log)}`];
    const words = [...new Set(told.map(tell)), ...last, ...said, ...repair];
    const name =
        found === undefined ? (told[0]?.reason ?? "") : (found.group ?? rules.indexOf(found));
    return {
        key: `${subject}: ${name}`,
        text: `${where}: ${words.join("; ")}`,
        brief: [where, ...told.slice(0, 1).map(({ reason }) => reason)].join(": "),
        ...(rule?.graceSeconds !== undefined && { graceSeconds: rule.graceSeconds }),
    };
}

/** Waiting reason and last termination of a container; empty when it is ready or waits for init containers. */
function tellContainer(container: Values): Told[] {
    const state = objectOf(container, "state");
    const waiting = objectOf(state, "waiting");
    const reason = textOf(waiting, "reason");
    const ended = [state, objectOf(container, "lastState")]
        .map((one) => objectOf(one, "terminated"))
        .filter((one) => countOf(one, "exitCode") !== 0 || isLooping(reason, one))
        .map((one) => tellEnd(one, countOf(container, "restartCount")));
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

/** Whether a server, which must not end at all, ended without an error. */
function isLooping(reason: string | undefined, terminated: Values): boolean {
    return reason === "CrashLoopBackOff" && "exitCode" in terminated;
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
    const text = summarize(message.replace(selfNames, ""));
    return text === "" ? reason : `${reason}: ${text}`;
}

/** What the kubelet adds to its messages: the pod and the container, which stand before them. */
const selfNames = / restarting failed container=\S+ pod=\S+| \(pod: "[^"]*", container: [^)]*\)/;

/** Events of every start, which explain nothing. */
const routine = /^(Pulled|Created|Started)$/;

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
