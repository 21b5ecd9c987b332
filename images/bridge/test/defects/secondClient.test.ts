import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { enterSession } from "../support/enterSession.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const info = { name: "test", version: "1" };

describe("a second client", () => {
    let bridge: RunningBridge;
    beforeEach(async () => {
        bridge = await startUnruly();
    });
    afterEach(() => bridge.close());

    it("is served by the process that serves the first, which hears of no second handshake", async () => {
        const clients = [1, 2, 3].map(() => new Client(info));
        for (const client of clients) {
            await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
        }
        const pids = await Promise.all(
            clients.map((client) => client.callTool({ name: "pid", arguments: {} })),
        );
        assert.equal(new Set(pids.map(({ content }) => JSON.stringify(content))).size, 1);
        const received = JSON.parse(textOf(await post(bridge.url, callTool("received"))));
        assert.deepEqual(received, [{ method: "notifications/initialized", params: {} }]);
        await Promise.all(clients.map((client) => client.close()));
    });

    it("may listen while the first listens", async () => {
        const streams = await Promise.all(
            [1, 2].map(async () =>
                openStream(bridge.url, undefined, { headers: await enterSession(bridge.url) }),
            ),
        );
        assert.deepEqual(
            streams.map(({ status }) => status),
            [200, 200],
        );
        assert.equal(bridge.counts().streams, 2);
        const said = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n';
        const base64 = Buffer.from(said).toString("base64");
        await post(bridge.url, callTool("raw", { base64 }));
        await until(() => streams.every((stream) => stream.messages().length === 1));
        streams.forEach((stream) => stream.leave());
        await until(() => bridge.counts().streams === 0);
    });

    it("goes on when the first one ends its session, or leaves without a word", async () => {
        const [first, second, third] = await Promise.all(
            [1, 2, 3].map(() => enterSession(bridge.url)),
        );
        assert.ok(first && second && third);
        const stream = await openStream(bridge.url, undefined, { headers: first });
        const { status } = await fetch(bridge.url, { method: "DELETE", headers: second });
        assert.equal(status, 204);
        stream.leave();
        const answer = await post(bridge.url, callTool("echo", { value: "x" }), { headers: third });
        assert.equal(textOf(answer), "x");
        assert.equal((await post(bridge.url, callTool("pid"), { headers: second })).status, 404);
    });

    it("may be of the other era", async () => {
        const [old, modern] = await Promise.all([
            post(bridge.url, callTool("pid"), { headers: await enterSession(bridge.url) }),
            postModern(bridge.url, "tools/call", { name: "pid" }),
        ]);
        assert.equal(textOf(old), textOf(modern));
    });

    it("may come back under a session that it opened on another connection, and open its stream twice", async () => {
        const headers = await enterSession(bridge.url);
        const first = await openStream(bridge.url, undefined, { headers });
        const second = await openStream(bridge.url, undefined, { headers });
        assert.deepEqual([first.status, second.status], [200, 200]);
        const said = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n';
        const base64 = Buffer.from(said).toString("base64");
        await post(bridge.url, callTool("raw", { base64 }), { headers });
        // Said once, where the client last said that it listens.
        await until(() => second.messages().length === 1);
        assert.equal(first.messages().length, 0);
        first.leave();
        second.leave();
    });
});
