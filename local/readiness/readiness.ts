/** How far an object is. */
export type Readiness =
    | { state: "ready" }
    /** `reason` says what is still missing. */
    | { state: "waiting"; reason: string }
    /** Nothing but a change of the object will make it ready. */
    | { state: "failed"; reason: string };

export const ready: Readiness = { state: "ready" };

export function waiting(reason: string): Readiness {
    return { state: "waiting", reason };
}

export function failed(reason: string): Readiness {
    return { state: "failed", reason };
}
