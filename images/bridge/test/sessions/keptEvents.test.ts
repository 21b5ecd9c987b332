import assert from "node:assert/strict";
import { KeptEvents, type EventBuffer } from "../../src/mcp/legacy/keptEvents.ts";

/** Bytes of an event beside its text. */
const overhead = 256;

class Buffered implements EventBuffer {
    readonly caller: string | undefined;
    readonly kept: number[] = [];
    private readonly events: KeptEvents;

    constructor(events: KeptEvents, caller: string | undefined) {
        this.events = events;
        this.caller = caller;
    }

    keep(...sizes: number[]): void {
        for (const size of sizes) {
            this.kept.push(size);
            this.events.keep(this, size - overhead);
        }
    }

    forgetOldest(): void {
        this.events.forget(this, (this.kept.shift() ?? 0) - overhead);
    }
}

describe("events kept for clients that reconnect", () => {
    it("are as many bytes of one caller as it may have, the newest, whichever of its sessions has them", () => {
        const events = new KeptEvents(1000, 100_000);
        const [first, second] = [new Buffered(events, "a"), new Buffered(events, "a")];
        first.keep(400, 300);
        second.keep(300, 400);
        assert.deepEqual([first.kept, second.kept], [[300], [300, 400]]);
        assert.equal(events.bytes, 1000);
    });

    it("are taken from the caller with the most when all have too many", () => {
        const events = new KeptEvents(10_000, 2000);
        const [much, little] = [new Buffered(events, "a"), new Buffered(events, "b")];
        little.keep(300);
        much.keep(800, 800);
        little.keep(300);
        assert.deepEqual([much.kept, little.kept], [[800], [300, 300]]);
    });

    it("are bounded for callers of whom nothing is known as well", () => {
        const events = new KeptEvents(500, 1000);
        const [first, second] = [new Buffered(events, undefined), new Buffered(events, undefined)];
        first.keep(600);
        second.keep(600);
        assert.deepEqual([first.kept, second.kept], [[], [600]]);
        second.forgetOldest();
        assert.equal(events.bytes, 0);
    });
});
