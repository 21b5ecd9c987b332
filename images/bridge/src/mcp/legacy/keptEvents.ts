/** Something that keeps events, and can forget the one it has kept longest. */
export interface EventBuffer {
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
    buffers: Map<EventBuffer, number>;
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
    keep(buffer: EventBuffer, textBytes: number): void {
        const { caller } = buffer;
        const holding = this.callers.get(caller) ?? { bytes: 0, buffers: new Map() };
        this.callers.set(caller, holding);
        this.count(holding, buffer, textBytes + eventOverhead);
        if (caller !== undefined && holding.bytes > this.perCaller) {
            this.shrink(holding, () => holding.bytes > this.perCaller);
        }
        while (this.all > this.total) {
            this.shrink(this.findLargest(), () => this.all > this.total);
        }
    }

    /** Takes an event off the count. */
    forget(buffer: EventBuffer, textBytes: number): void {
        const holding = this.callers.get(buffer.caller);
        if (holding !== undefined) {
            this.count(holding, buffer, -textBytes - eventOverhead);
            if (holding.buffers.size === 0) {
                this.callers.delete(buffer.caller);
            }
        }
    }

    private count(holding: Holding, buffer: EventBuffer, bytes: number): void {
        const own = (holding.buffers.get(buffer) ?? 0) + bytes;
        if (own > 0) {
            holding.buffers.set(buffer, own);
        } else {
            holding.buffers.delete(buffer);
        }
        holding.bytes += bytes;
        this.all += bytes;
    }

    private shrink({ buffers }: Holding, isTooMuch: () => boolean): void {
        for (const buffer of buffers.keys()) {
            while (isTooMuch() && buffers.has(buffer)) {
                buffer.forgetOldest();
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
