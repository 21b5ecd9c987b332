/** Bounds of a `BoundedMap`. */
export interface MapBounds<V> {
    /** Most entries. */
    entries: number;
    /** Greatest sum of the entries' sizes. */
    size: number;
    /** What an entry adds to that sum: roughly its bytes. */
    sizeOf: (key: string, value: V) => number;
}

/** A map that forgets its oldest entries rather than grow beyond its bounds, so that what callers send cannot fill memory. */
export class BoundedMap<V> {
    private readonly bounds: MapBounds<V>;
    private readonly values = new Map<string, V>();
    private total = 0;

    constructor(bounds: MapBounds<V>) {
        this.bounds = bounds;
    }

    /** Entries it holds. */
    get count(): number {
        return this.values.size;
    }

    /** Sum of the sizes of the entries it holds. */
    get size(): number {
        return this.total;
    }

    get(key: string): V | undefined {
        return this.values.get(key);
    }

    /** Takes an entry as the newest; one that is too large on its own is not kept. */
    set(key: string, value: V): void {
        this.delete(key);
        const { entries, size, sizeOf } = this.bounds;
        const own = sizeOf(key, value);
        if (own > size || entries < 1) {
            return;
        }
        for (const oldest of this.values.keys()) {
            if (this.values.size < entries && this.total + own <= size) {
                break;
            }
            this.delete(oldest);
        }
        this.values.set(key, value);
        this.total += own;
    }

    delete(key: string): void {
        const value = this.values.get(key);
        if (value !== undefined && this.values.delete(key)) {
            this.total -= this.bounds.sizeOf(key, value);
        }
    }

    /** Drops the oldest entries as long as they are over; entries are taken to end in the order in which they came. */
    dropWhile(over: (value: V) => boolean): void {
        for (const [key, value] of this.values) {
            if (!over(value)) {
                return;
            }
            this.delete(key);
        }
    }
}
