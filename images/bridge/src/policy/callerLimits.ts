import { principalKey, type Principal } from "../auth/principal.ts";

/** Callers from which on those that have nothing in flight are forgotten before another is counted. */
const sweepSize = 1024;

/**
 * Counts what each caller has in flight, so that none takes all. A caller of whom nothing is known is not counted: all of
 * them together are one to the bridge, and the limit of all requests holds for them.
 */
export class CallerLimits {
    private readonly limit: number;
    private readonly tallies = new Map<string, Tally>();
    /** Those of callers as they are known at the moment: a remembered caller is the same object each time. */
    private readonly known = new WeakMap<Principal, Tally>();

    /** @param limit requests of one caller at once */
    constructor(limit: number) {
        this.limit = limit;
    }

    /** Callers that are counted. */
    get callers(): number {
        return this.tallies.size;
    }

    /**
     * Counts a request.
     *
     * @returns what is to be called once when it is over; undefined when the caller has as many as it may
     */
    enter(principal: Principal): (() => void) | undefined {
        if (principal.subject === undefined) {
            return leaveUncounted;
        }
        const tally = this.find(principal);
        if (tally.count >= this.limit) {
            return undefined;
        }
        tally.count++;
        return tally.leave;
    }

    private find(principal: Principal): Tally {
        const known = this.known.get(principal);
        if (known?.dropped === false) {
            return known;
        }
        const name = principalKey(principal) ?? "";
        let tally = this.tallies.get(name);
        if (tally === undefined) {
            this.sweep();
            tally = new Tally();
            this.tallies.set(name, tally);
        }
        this.known.set(principal, tally);
        return tally;
    }

    private sweep(): void {
        if (this.tallies.size < sweepSize) {
            return;
        }
        for (const [name, tally] of this.tallies) {
            if (tally.count === 0) {
                tally.dropped = true;
                this.tallies.delete(name);
            }
        }
    }
}

/** What one caller has in flight. Stays when that is nothing: leaving and coming back with each call would cost more. */
class Tally {
    count = 0;
    dropped = false;
    /** Made once for all requests of the caller. */
    readonly leave = (): void => {
        this.count--;
    };
}

function leaveUncounted(): void {
    // Nothing was counted.
}
