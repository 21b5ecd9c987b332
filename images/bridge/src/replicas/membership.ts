import { lookup } from "node:dns/promises";
import type { Log } from "../log.ts";

/** How long an answer of the name service is good, in milliseconds: replicas come and go in seconds. */
const answerAge = 1000;

/** The addresses of all replicas, as the headless Service lists them. */
export class Membership {
    private readonly name: string;
    private readonly log: Log;
    private addresses: ReadonlySet<string> = new Set();
    private readAt = -Infinity;
    private reading: Promise<void> | undefined;

    /** @param name DNS name that lists all replicas; empty for a bridge that has none beside it */
    constructor(name: string, log: Log) {
        this.name = name;
        this.log = log;
    }

    /** Whether there can be others. */
    get alone(): boolean {
        return this.name === "";
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
            const found = await lookup(this.name, { all: true });
            this.addresses = new Set(found.map(({ address }) => address));
        } catch (error) {
            // What was known a moment ago is better than nothing: the address is tried, and may not answer.
            this.log("warn", "cannot list replicas", {
                name: this.name,
                reason: (error as Error).message,
            });
        }
        this.readAt = performance.now();
        this.reading = undefined;
    }
}
