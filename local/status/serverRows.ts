import { countOf, objectsOf } from "../readiness/conditions.ts";
import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import type { NamespaceEvidence } from "../doctor/evidence.ts";

/** State of one server at one moment. */
export interface ServerRow {
    server: string;
    /** Pods that are ready, and that the autoscaler wants. */
    ready: number;
    wanted: number;
    /** Calls being answered, of all its pods; undefined where no pod tells. */
    inFlight: number | undefined;
    /** Restarts of the containers of its present pods. */
    restarts: number;
    /** Result of the last health check of its pods: `ok` with its age, or the words of the one that fails. */
    probe: string;
}

/** Calls in flight by pod; undefined for a pod that does not tell. */
export type InFlight = ReadonlyMap<string, number | undefined>;

/** The pods of servers that are not being removed. */
export function listServerPods({ pods }: Pick<NamespaceEvidence, "pods">): Values[] {
    return pods.filter(
        (pod) =>
            isServer(pod) &&
            textOf(objectOf(pod, "metadata"), "deletionTimestamp") === undefined &&
            !["Failed", "Succeeded"].includes(textOf(objectOf(pod, "status"), "phase") ?? ""),
    );
}

/** The state of every server of a namespace, by name. */
export function describeServers(
    evidence: Pick<NamespaceEvidence, "owners" | "pods" | "events">,
    inFlight: InFlight,
    now: number,
): ServerRow[] {
    const pods = listServerPods(evidence);
    return evidence.owners
        .filter(isServer)
        .map((owner) => {
            const server = serverOf(owner);
            const own = pods.filter((pod) => serverOf(pod) === server);
            const told = own
                .map((pod) => inFlight.get(nameOf(pod)))
                .filter((count) => count !== undefined);
            return {
                server,
                ready: countOf(objectOf(owner, "status"), "readyReplicas"),
                wanted: countOf(objectOf(owner, "spec"), "replicas"),
                inFlight: told.length === 0 ? undefined : sum(told),
                restarts: sum(own.map(countRestarts)),
                probe: describeProbe(own, evidence.events, now),
            };
        })
        .sort((one, other) => one.server.localeCompare(other.server));
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

const labelOf = (object: Values, label: string): string =>
    textOf(objectOf(objectOf(object, "metadata"), "labels"), `app.kubernetes.io/${label}`) ?? "";

const serverOf = (object: Values): string => labelOf(object, "name");

function isServer(object: Values): boolean {
    return labelOf(object, "component") === "server" && labelOf(object, "part-of") === "slipway";
}

/** The name of an object. */
export const nameOf = (object: Values): string =>
    textOf(objectOf(object, "metadata"), "name") ?? "";

const countRestarts = (pod: Values): number =>
    sum(
        objectsOf(objectOf(pod, "status"), "containerStatuses").map((container) =>
            countOf(container, "restartCount"),
        ),
    );

/** Kubernetes reports checks only when their result changes: a ready pod has passed since then. */
function describeProbe(pods: Values[], events: readonly Values[], now: number): string {
    if (pods.length === 0) return "no pod";
    const readiness = pods.map((pod) => ({ pod, ...readyCondition(pod) }));
    const failing = readiness.find(({ isReady }) => !isReady);
    if (failing === undefined) {
        return `ok for ${describeAge(now - Math.max(...readiness.map(({ since }) => since)))}`;
    }
    const name = nameOf(failing.pod);
    const event = events
        .filter(
            (one) =>
                textOf(one, "reason") === "Unhealthy" &&
                textOf(objectOf(one, "involvedObject"), "name") === name,
        )
        .sort((one, other) => timeOf(one, "lastTimestamp") - timeOf(other, "lastTimestamp"))
        .at(-1);
    const why = event === undefined ? failing.reason : (textOf(event, "message") ?? "");
    return `${name}: ${why.replaceAll(/\s+/g, " ").trim()}`;
}

function readyCondition(pod: Values): { isReady: boolean; since: number; reason: string } {
    const ready = objectsOf(objectOf(pod, "status"), "conditions").find(
        (condition) => textOf(condition, "type") === "Ready",
    );
    const [container = {}] = objectsOf(objectOf(pod, "status"), "containerStatuses");
    const waiting = textOf(objectOf(objectOf(container, "state"), "waiting"), "reason");
    return {
        isReady: ready !== undefined && textOf(ready, "status") === "True",
        since: ready === undefined ? 0 : timeOf(ready, "lastTransitionTime"),
        reason:
            waiting ?? (ready === undefined ? undefined : textOf(ready, "reason")) ?? "starting",
    };
}

const timeOf = (object: Values, key: string): number => Date.parse(textOf(object, key) ?? "") || 0;

function describeAge(ms: number): string {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    return seconds < 172_800
        ? `${Math.floor(seconds / 3600)} h`
        : `${Math.floor(seconds / 86_400)} d`;
}
