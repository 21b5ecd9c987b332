import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { openStream } from "../support/eventStream.ts";
import { measureMemory } from "../support/measureMemory.ts";
import { callTool, post } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const megabyte = 1_000_000;
const flood = callTool("flood", { events: 200, bytes: 1000 }, { progressToken: 1 });

/** How much more is held after the same was done twice. */
async function measureGrowth(bridge: RunningBridge, act: () => Promise<void>): Promise<number> {
    await act();
    bridge.log.length = 0;
    const before = measureMemory();
    await act();
    bridge.log.length = 0;
    return measureMemory() - before;
}

describe("what is kept for a client that comes back", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly({ maxSessions: 20, maxSessionEvents: 50 });
    });
    after(() => bridge.close());

    it("does not grow with what a session hears", async () => {
        const headers = await enterSession(bridge.url);
        const growth = await measureGrowth(bridge, async () => {
            // Eight megabytes of events.
            for (let round = 0; round < 40; round++) {
                await post(bridge.url, flood, { headers });
            }
        });
        assert.ok(growth < megabyte, `grew by ${growth} bytes`);
    });

    it("does not grow with the answers that nobody was there for", async () => {
        const headers = await enterSession(bridge.url);
        const growth = await measureGrowth(bridge, async () => {
            for (let round = 0; round < 40; round++) {
                const stream = await openStream(bridge.url, flood, { headers });
                stream.leave();
                await until(() => bridge.counts().calls === 0);
            }
        });
        assert.ok(growth < megabyte, `grew by ${growth} bytes`);
    });

    it("does not grow with the sessions that clients open and forget", async () => {
        const growth = await measureGrowth(bridge, async () => {
            for (let round = 0; round < 100; round++) {
                const headers = await enterSession(bridge.url);
                await post(bridge.url, flood, { headers });
            }
            assert.ok(bridge.counts().sessions <= 20);
        });
        assert.ok(growth < 2 * megabyte, `grew by ${growth} bytes`);
    });

    it("does not grow with streams that are opened and left", async () => {
        const headers = await enterSession(bridge.url);
        const growth = await measureGrowth(bridge, async () => {
            for (let round = 0; round < 100; round++) {
                const stream = await openStream(bridge.url, undefined, { headers });
                stream.leave();
            }
            await until(() => bridge.counts().streams === 0);
        });
        assert.ok(growth < megabyte, `grew by ${growth} bytes`);
    });

    it("is no more than a few kilobytes for a session that only calls", async () => {
        const own = await startUnruly({ maxSessions: 10_000 });
        try {
            await enterSession(own.url);
            const before = measureMemory();
            for (let round = 0; round < 300; round++) {
                await enterSession(own.url);
            }
            own.log.length = 0;
            const each = (measureMemory() - before) / 300;
            assert.equal(own.counts().sessions, 301);
            assert.ok(each < 8000, `${each} bytes each`);
        } finally {
            await own.close();
        }
    });
});
