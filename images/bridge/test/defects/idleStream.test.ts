import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { openStream, type EventStream } from "../support/eventStream.ts";
import { callTool, textOf, post } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const gather = callTool("gather", { count: 2, steps: 0, value: "done" });
const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
};
const comments = (stream: EventStream): number =>
    stream
        .text()
        .split("\n\n")
        .filter((event) => event.startsWith(":")).length;

describe("a stream on which nothing happens", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly({}, { keepAliveInterval: 40 });
    });
    after(() => bridge.close());

    it("shows that it is alive while a client of 2025-11-25 listens", async () => {
        const stream = await openStream(bridge.url, undefined, {
            headers: await enterSession(bridge.url),
        });
        await until(() => comments(stream) >= 3);
        assert.deepEqual(stream.messages(), []);
        stream.leave();
    });

    it("shows that it is alive while a client of 2026-07-28 listens", async () => {
        const method = "subscriptions/listen";
        const params = { notifications: { toolsListChanged: true }, _meta: envelope };
        const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": method };
        const message = { jsonrpc: "2.0", id: 1, method, params };
        const stream = await openStream(bridge.url, message, { headers });
        await until(() => comments(stream) >= 3 && stream.messages().length > 0);
        assert.equal(stream.messages().length, 1);
        stream.leave();
    });

    it("is opened for a call that takes long, and brings its result", async () => {
        const { params } = gather as { params: object };
        const modern = { ...gather, params: { ...params, _meta: envelope } };
        // Opened by the sign of life alone: the server answers each when there are two.
        const first = await openStream(bridge.url, gather);
        assert.equal(first.headers["content-type"], "text/event-stream");
        await post(bridge.url, gather);
        const second = await openStream(bridge.url, modern, {
            headers: {
                "mcp-protocol-version": "2026-07-28",
                "mcp-method": "tools/call",
                "mcp-name": "gather",
            },
        });
        assert.equal(second.headers["content-type"], "text/event-stream");
        await post(bridge.url, gather);
        for (const stream of [first, second]) {
            await stream.ended;
            assert.equal(stream.messages().at(-1).result.content[0].text, "done");
        }
    });

    it("is opened for a long call with a session, too, by an event that can be named", async () => {
        const headers = await enterSession(bridge.url);
        const stream = await openStream(bridge.url, gather, { headers });
        assert.equal(stream.headers["content-type"], "text/event-stream");
        await until(() => comments(stream) >= 2);
        assert.match(stream.ids()[0] ?? "", /^\d+-\d+/);
        await post(bridge.url, gather, { headers });
        await stream.ended;
        assert.equal(stream.messages().at(-1).result.content[0].text, "done");
    });

    it("is none for a client that takes no stream: its answer is plain, whenever it comes", async () => {
        const headers = { accept: "application/json" };
        const call = post(bridge.url, callTool("work", { ms: 300 }), { headers });
        const answer = await call;
        assert.deepEqual([answer.type, textOf(answer)], ["application/json", "worked"]);
    });

    it("has headers that let nothing in between hold it back", async () => {
        const stream = await openStream(bridge.url, undefined, {
            headers: await enterSession(bridge.url),
        });
        assert.equal(stream.headers["cache-control"], "no-cache, no-transform");
        assert.equal(stream.headers["x-accel-buffering"], "no");
        stream.leave();
    });
});
