import { lookup } from "node:dns/promises";
import type { Log } from "../log/log.ts";

/** How long an answer of the name service is good, in milliseconds: replicas come and go in seconds. */
const answerAge = 1000;

/** The addresses of all replicas, as the headless Service lists them. */
export class Membership {
    private readonly names: readonly string[];
    private readonly log: Log;
    private addresses: ReadonlySet<string> = new Set();
    private readAt = -Infinity;
    private reading: Promise<void> | undefined;

    /** @param names DNS names and addresses of all replicas; empty for a bridge that has none beside it */
    constructor(names: readonly string[], log: Log) {
        this.names = names;
        this.log = log;
    }

    /** Whether there can be others. */
    get alone(): boolean {
        return this.names.length === 0;
    }

    /** Addresses of all replicas at this moment. */
    async read(): Promise<ReadonlySet<string>> {
        if (!this.alone && performance.now() - this.readAt > answerAge) {
            await (this.reading ??= this.ask());
        }
        return this.addresses;
    }

    private async ask(): Promise<void> {
        try {
            const found = await Promise.all(this.names.map((name) => lookup(name, { all: true })));
            this.addresses = new Set(found.flat().map(({ address }) => address));
        } catch (error) {
            // What was known a moment ago is better than nothing: the address is tried, and may not answer.
            this.log("warn", "cannot list replicas", {
                names: this.names,
                reason: (error as Error).message,
            });
        }
        this.readAt = performance.now();
        this.reading = undefined;
    }
}
