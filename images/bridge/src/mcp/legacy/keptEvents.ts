/** Something that keeps events, and can forget the one it has kept longest. */
export interface EventKeeper {
    /** Caller of the session; undefined for one of whom nothing is known. */
    readonly caller: string | undefined;
    /** Forgets the oldest event; calls `forget` for its bytes. */
    forgetOldest(): void;
}

/** Bytes that an event costs beside its text, so that a bound of bytes is one of their number too. */
const eventOverhead = 256;

interface Holding {
    bytes: number;
    /** Those that keep something, longest first. */
    keepers: Map<EventKeeper, number>;
}

/**
 * Bounds the events that are kept for clients that reconnect: those of each caller, and all together. Beyond it the oldest
 * are forgotten, of the caller itself or of the one with the most.
 */
export class KeptEvents {
    private readonly perCaller: number;
    private readonly total: number;
    private readonly callers = new Map<unknown, Holding>();
    private all = 0;

    /**
     * @param perCaller bytes of one known caller; unknown ones are bounded by `total` alone
     * @param total bytes in all
     */
    constructor(perCaller: number, total: number) {
        this.perCaller = perCaller;
        this.total = total;
    }

    /** Bytes of everything that is kept. */
    get bytes(): number {
        return this.all;
    }

    /** Counts an event, and makes others forget theirs where that is too much. */
    keep(keeper: EventKeeper, textBytes: number): void {
        const { caller } = keeper;
        const holding = this.callers.get(caller) ?? { bytes: 0, keepers: new Map() };
        this.callers.set(caller, holding);
        this.count(holding, keeper, textBytes + eventOverhead);
        if (caller !== undefined && holding.bytes > this.perCaller) {
            this.shrink(holding, () => holding.bytes > this.perCaller);
        }
        while (this.all > this.total) {
            this.shrink(this.findLargest(), () => this.all > this.total);
        }
    }

    /** Takes an event off the count. */
    forget(keeper: EventKeeper, textBytes: number): void {
        const holding = this.callers.get(keeper.caller);
        if (holding !== undefined) {
            this.count(holding, keeper, -textBytes - eventOverhead);
            if (holding.keepers.size === 0) {
                this.callers.delete(keeper.caller);
            }
        }
    }

    private count(holding: Holding, keeper: EventKeeper, bytes: number): void {
        const own = (holding.keepers.get(keeper) ?? 0) + bytes;
        if (own > 0) {
            holding.keepers.set(keeper, own);
        } else {
            holding.keepers.delete(keeper);
        }
        holding.bytes += bytes;
        this.all += bytes;
    }

    private shrink({ keepers }: Holding, isTooMuch: () => boolean): void {
        for (const keeper of keepers.keys()) {
            while (isTooMuch() && keepers.has(keeper)) {
                keeper.forgetOldest();
            }
        }
    }

    private findLargest(): Holding {
        const all = [...this.callers.values()];
        return all.reduce((largest, holding) =>
            holding.bytes > largest.bytes ? holding : largest,
        );
    }
}
