/** What a caller, or all together, may hold. */
export interface Allowance {
    count: number;
    bytes: number;
}

interface Held {
    count: number;
    bytes: number;
}

/** Counts things and their bytes, of each caller and in all, so that what callers send cannot fill memory. */
export class Quota {
    private readonly each: Allowance;
    private readonly all: Allowance;
    private readonly callers = new Map<unknown, Held>();
    private readonly total: Held = { count: 0, bytes: 0 };

    /**
     * @param each of one caller
     * @param all of all callers together
     */
    constructor(each: Allowance, all: Allowance) {
        this.each = each;
        this.all = all;
    }

    /** Bytes of everything that is counted. */
    get bytes(): number {
        return this.total.bytes;
    }

    /**
     * Counts things of a caller.
     *
     * @param caller a name, or an object that stands for a caller without one
     * @returns false when that is more than the caller, or all, may hold; then nothing has changed
     */
    take(caller: unknown, bytes: number, count = 1): boolean {
        const held = this.callers.get(caller) ?? { count: 0, bytes: 0 };
        if (!fits(held, this.each, bytes, count) || !fits(this.total, this.all, bytes, count)) {
            return false;
        }
        this.callers.set(caller, held);
        for (const tally of [held, this.total]) {
            tally.count += count;
            tally.bytes += bytes;
        }
        return true;
    }

    /** Takes back what `take` counted. */
    give(caller: unknown, bytes: number, count = 1): void {
        const held = this.callers.get(caller);
        if (held === undefined) {
            return;
        }
        for (const tally of [held, this.total]) {
            tally.count -= count;
            tally.bytes -= bytes;
        }
        if (held.count === 0) {
            this.callers.delete(caller);
        }
    }
}

function fits(held: Held, allowed: Allowance, bytes: number, count: number): boolean {
    return held.count + count <= allowed.count && held.bytes + bytes <= allowed.bytes;
}
