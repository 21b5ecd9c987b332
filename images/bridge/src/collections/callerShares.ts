/** How readily an item makes room for another. */
export const idleness = { busy: 0, listening: 1, idle: 2 } as const;
export type Idleness = (typeof idleness)[keyof typeof idleness];

/** Something that a caller holds one of a limited number of. */
export interface Held {
    /** When it was last used, in milliseconds since 1970. */
    readonly usedAt: number;
    /** Whether it is in use; what is busy never makes room. */
    readonly idleness: Idleness;
}

/** The most that one known caller holds of `max` while others want some: three quarters, so that they find room. */
export function shareOf(max: number): number {
    return max - Math.floor(max / 4);
}

/** How long room is kept for a caller that found none, in milliseconds. */
const starvedTime = 60_000;

/**
 * Who holds what of a limited number of things, so that no caller starves the others. When there is no room, a caller's own
 * idle things go first, those unused longest before the rest; then those of the caller that holds the most. A caller may have
 * everything as long as nobody else wants it, and callers of whom nothing is known, which are one caller, always.
 */
export class CallerShares<T extends Held> {
    private readonly max: number;
    /** By caller, in order of use. */
    private readonly callers = new Map<string | undefined, Set<T>>();
    private count = 0;
    /** The caller that last found no room although it held less than its share. */
    private starved: { caller: string | undefined; at: number } | undefined;

    /** @param max things at once */
    constructor(max: number) {
        this.max = max;
    }

    /** Things held. */
    get size(): number {
        return this.count;
    }

    /** Things that a caller holds. */
    heldBy(caller: string | undefined): number {
        return this.callers.get(caller)?.size ?? 0;
    }

    add(caller: string | undefined, item: T): void {
        let held = this.callers.get(caller);
        if (held === undefined) {
            held = new Set();
            this.callers.set(caller, held);
        }
        this.count += held.has(item) ? 0 : 1;
        held.add(item);
    }

    /** Notes that an item was used after all others of its caller. */
    touch(caller: string | undefined, item: T): void {
        const held = this.callers.get(caller);
        if (held?.delete(item) === true) {
            held.add(item);
        }
    }

    remove(caller: string | undefined, item: T): void {
        const held = this.callers.get(caller);
        if (held?.delete(item) !== true) {
            return;
        }
        this.count--;
        if (held.size === 0) {
            this.callers.delete(caller);
        }
    }

    /**
     * Whether a caller may have one more.
     *
     * @returns "yes"; the item that has to make room first; or "no"
     */
    findRoom(caller: string | undefined): "yes" | "no" | T {
        const hasShare = this.heldBy(caller) >= shareOf(this.max);
        if (caller !== undefined && hasShare && this.isWantedBesides(caller)) {
            return this.findIdle(caller) ?? "no";
        }
        const room = this.count < this.max ? "yes" : (this.findVictim(caller) ?? "no");
        if (room === "no" && !hasShare) {
            this.starved = { caller, at: performance.now() };
        }
        return room;
    }

    /** Whether another caller holds something, or found no room a moment ago. */
    private isWantedBesides(caller: string): boolean {
        const others = this.callers.size > (this.callers.has(caller) ? 1 : 0);
        const { starved } = this;
        const wanted =
            starved !== undefined &&
            starved.caller !== caller &&
            performance.now() - starved.at < starvedTime;
        return others || wanted;
    }

    /** The item that makes room for a caller when everything is in use; undefined when nothing may. */
    findVictim(caller: string | undefined): T | undefined {
        const own = this.findIdle(caller);
        if (own !== undefined) {
            return own;
        }
        const least = this.heldBy(caller);
        let victim: T | undefined;
        let most = 0;
        for (const [other, { size }] of this.callers) {
            if (other === caller || size < least || size < most) {
                continue;
            }
            const found = this.findIdle(other);
            if (found !== undefined && (size > most || found.usedAt < (victim?.usedAt ?? 0))) {
                [victim, most] = [found, size];
            }
        }
        return victim;
    }

    /** The item of a caller that is unused longest; one that listens only when all others are busy. */
    private findIdle(caller: string | undefined): T | undefined {
        let listening: T | undefined;
        for (const item of this.callers.get(caller) ?? []) {
            if (item.idleness === idleness.idle) {
                return item;
            }
            if (item.idleness === idleness.listening) {
                listening ??= item;
            }
        }
        return listening;
    }
}
