/** What can be in a bag. */
export interface DenseSetItem {
    /** Place in the bag; -1 outside. Only the bag writes it. */
    slot: number;
}

/**
 * A set of things that come and go with every call. A `Set` would do, but what is left of its former tables keeps what was
 * in them, and each other, alive until a full collection: measured, a quarter of the processor's time at 16 connections
 * went into copying calls that were long over.
 */
export class DenseSet<T extends DenseSetItem> implements Iterable<T> {
    private readonly items: T[] = [];

    get size(): number {
        return this.items.length;
    }

    /** Puts something in that is in no bag. */
    add(item: T): void {
        item.slot = this.items.length;
        this.items.push(item);
    }

    /** Takes something out; nothing happens when it is not in. */
    remove(item: T): void {
        const { slot } = item;
        if (this.items[slot] !== item) {
            return;
        }
        const last = this.items.pop();
        item.slot = -1;
        if (last !== undefined && last !== item) {
            this.items[slot] = last;
            last.slot = slot;
        }
    }

    /** The one that was put in last, as long as nothing was taken out. */
    get last(): T | undefined {
        return this.items.at(-1);
    }

    [Symbol.iterator](): Iterator<T> {
        // What is in may leave while it is looked at.
        return [...this.items].values();
    }
}
