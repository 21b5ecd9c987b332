/** Readiness of an object. */
export type Readiness =
    | { state: "ready" }
    /** `reason` is what the object waits for. */
    | { state: "waiting"; reason: string }
    /** The object cannot become ready without a change of its spec. */
    | { state: "failed"; reason: string };

export const ready: Readiness = { state: "ready" };

export function waiting(reason: string): Readiness {
    return { state: "waiting", reason };
}

export function failed(reason: string): Readiness {
    return { state: "failed", reason };
}
