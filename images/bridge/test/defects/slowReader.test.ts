import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { openStream, type EventStream } from "../support/eventStream.ts";
import { measureMemory } from "../support/measureMemory.ts";
import { callTool, post, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const megabyte = 1_000_000;
/** What may be held for one reader: the bridge's own limit, a piece beyond it, what is kept for resuming, and noise. */
const allowed = 12 * megabyte;
const flood = callTool("flood", { events: 80, bytes: megabyte }, { progressToken: "mine" });
const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
};
const modernHeaders = (method: string, name?: string) => ({
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(name !== undefined && { "mcp-name": name }),
});

/** Ways to be sent 80 megabytes of progress without reading them. */
const ways: Record<string, (url: string) => Promise<EventStream>> = {
    "without a session": (url) => openStream(url, flood, { paused: true }),
    "with a session": async (url) =>
        openStream(url, flood, { headers: await enterSession(url), paused: true }),
    "of 2026-07-28": (url) => {
        const { params } = flood as { params: object };
        const _meta = { ...envelope, progressToken: "mine" };
        const headers = modernHeaders("tools/call", "flood");
        return openStream(
            url,
            { ...flood, params: { ...params, _meta } },
            { headers, paused: true },
        );
    },
};

describe("a client that does not read its stream", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    for (const [who, open] of Object.entries(ways)) {
        it(`costs bounded memory, slows nobody, and gets its result when it reads again: ${who}`, async () => {
            await post(bridge.url, callTool("echo", { value: "warm" }));
            const before = measureMemory();
            const stream = await open(bridge.url);
            await until(() => bridge.counts().calls === 0);
            const growth = measureMemory() - before;
            assert.ok(growth < allowed, `grew by ${growth} bytes`);
            assert.equal(bridge.counts().inFlight, 1);
            assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "x" }))), "x");

            stream.resume();
            await stream.ended;
            const messages = stream.messages();
            assert.equal(messages.at(-1).result.content[0].text, "flooded");
            const steps = messages.slice(0, -1).map(({ params }) => params.progress as number);
            assert.ok(steps.length > 0 && steps.length < 80);
            assert.deepEqual(
                steps,
                steps.toSorted((a, b) => a - b),
            );
            await until(() => bridge.counts().inFlight === 0);
        });
    }

    it("of what changes costs bounded memory, in both eras, and hears of changes again when it reads", async () => {
        const said = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n';
        const base64 = Buffer.from(said.repeat(40_000)).toString("base64");
        const params = { notifications: { toolsListChanged: true }, _meta: envelope };
        const method = "subscriptions/listen";
        const message = { jsonrpc: "2.0", id: 1, method, params };
        const streams = await Promise.all([
            openStream(bridge.url, undefined, {
                headers: await enterSession(bridge.url),
                paused: true,
            }),
            openStream(bridge.url, message, { headers: modernHeaders(method), paused: true }),
        ]);
        await until(() => bridge.counts().streams === 2);
        const grow = async (): Promise<number> => {
            const before = measureMemory();
            for (let round = 0; round < 4; round++) {
                assert.equal(textOf(await post(bridge.url, callTool("raw", { base64 }))), "sane");
            }
            return measureMemory() - before;
        };
        // Ten megabytes for each, which fill what may be held, and ten more.
        await grow();
        const growth = await grow();
        assert.ok(growth < 4 * megabyte, `grew by ${growth} bytes`);

        streams.forEach((stream) => stream.resume());
        const last = Buffer.from(said).toString("base64");
        for (const stream of streams) {
            const lengths = [0, 0];
            await until(() => {
                lengths.unshift(stream.text().length);
                return lengths[0] === lengths[20] && lengths[0] !== 0;
            });
            const heard = stream.text().length;
            await post(bridge.url, callTool("raw", { base64: last }));
            await until(() => stream.text().length > heard);
            stream.leave();
        }
    });

    it("that is large costs what it is, and once", async () => {
        const large = callTool("large", { bytes: 9 * megabyte });
        const streams = await Promise.all(
            [1, 2, 3].map(() => openStream(bridge.url, large, { paused: true })),
        );
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "x" }))), "x");
        for (const stream of streams) {
            stream.resume();
            await stream.ended;
            assert.equal(JSON.parse(stream.text()).result.content[0].text.length, 9 * megabyte);
        }
    });
});
