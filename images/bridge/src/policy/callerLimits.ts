import { principalKey, type Principal } from "../principal.ts";

/**
 * Counts what each caller has in flight, so that none takes all. A caller of whom nothing is known is not counted: all of
 * them together are one to the bridge, and the limit of all requests holds for them.
 */
export class CallerLimits {
    private readonly limit: number;
    private readonly inFlight = new Map<string, number>();

    /** @param limit requests of one caller at once */
    constructor(limit: number) {
        this.limit = limit;
    }

    /** Callers that have anything in flight. */
    get callers(): number {
        return this.inFlight.size;
    }

    /** Counts a request; false when the caller has as many as it may. Each that was counted must leave once. */
    enter(principal: Principal): boolean {
        const name = principalKey(principal);
        if (name === undefined) {
            return true;
        }
        const count = this.inFlight.get(name) ?? 0;
        if (count >= this.limit) {
            return false;
        }
        this.inFlight.set(name, count + 1);
        return true;
    }

    /** Counts a request that is over. */
    leave(principal: Principal): void {
        const name = principalKey(principal);
        const count = name === undefined ? undefined : this.inFlight.get(name);
        if (name === undefined || count === undefined) {
            return;
        }
        if (count > 1) {
            this.inFlight.set(name, count - 1);
        } else {
            this.inFlight.delete(name);
        }
    }
}
