import type { Evidence } from "../../../local/readiness/podProblems.ts";
import type { Values } from "../../../local/providers/protocol/values.ts";

/** A pod of Deployment 'server', as returned by the API server; `status` has its problem. */
export function podOf(status: Values, spec: Values = {}): Values {
    return {
        kind: "Pod",
        metadata: {
            name: "server-1",
            uid: "pod-1",
            labels: { "app.kubernetes.io/name": "server" },
        },
        spec,
        status: { phase: "Pending", ...status },
    };
}

/** A pod with one waiting container. */
export function waitingPod(reason: string, message = "", more: Values = {}): Values {
    const state = { waiting: { reason, ...(message !== "" && { message }) } };
    return podOf({ containerStatuses: [{ name: "main", ready: false, state, ...more }] });
}

/** An event about the pod, at a second of one minute. */
export function eventOf(reason: string, message: string, second = 0): Values {
    const lastTimestamp = `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;
    return { kind: "Event", involvedObject: { uid: "pod-1" }, reason, message, lastTimestamp };
}

export function evidenceOf(pod: Values, events: Values[] = [], nodes: Values[] = []): Evidence {
    return { owners: [], replicaSets: [], pods: [pod], events, nodes };
}

/** A pod whose container runs and is not ready, with the last event of its probe. */
export function probedPod(message: string): { pod: Values; events: Values[] } {
    const status = { name: "main", ready: false, restartCount: 0, state: { running: {} } };
    return {
        pod: podOf(
            { phase: "Running", containerStatuses: [status] },
            { containers: [{ name: "main" }] },
        ),
        events: [eventOf("Unhealthy", message, 1)],
    };
}
