/** A part of the program that is loaded when it is first needed: one load for all who need it meanwhile. */
export class Lazy<T> {
    private readonly read: () => Promise<T>;
    private loading: Promise<T> | undefined;
    private loaded: T | undefined;

    constructor(read: () => Promise<T>) {
        this.read = read;
    }

    /** The part; undefined while it is not loaded. */
    get value(): T | undefined {
        return this.loaded;
    }

    /**
     * Loads the part, unless it is there. A load that fails is not kept: without a file descriptor left, for instance, the
     * next one who needs the part may find one.
     *
     * @returns rejects when it cannot be loaded now
     */
    load(): Promise<T> {
        this.loading ??= this.read().then(
            (value) => (this.loaded = value),
            (error: unknown) => {
                this.loading = undefined;
                throw error;
            },
        );
        return this.loading;
    }
}
