import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { openConnection, writePost } from "../support/connection.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const megabyte = 1_000_000;

describe("a client that goes", () => {
    let bridge: RunningBridge;
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    beforeEach(async () => {
        uncaught.length = 0;
        // As a program, either would end the bridge.
        process.on("unhandledRejection", note).on("uncaughtExceptionMonitor", note);
        bridge = await startUnruly({ maxBodyBytes: 16 * megabyte });
        await until(() => bridge.child.description !== undefined);
    });
    afterEach(async () => {
        await until(() => bridge.counts().inFlight === 0 && bridge.counts().streams === 0);
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "on" }))), "on");
        assert.equal(bridge.child.restarts, 0);
        await bridge.close();
        process.off("unhandledRejection", note).off("uncaughtExceptionMonitor", note);
        assert.deepEqual(uncaught, []);
    });

    const message = callTool("flood", { events: 200, bytes: 100_000 }, { progressToken: 1 });
    const modern = {
        headers: {
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": "flood",
        },
    };
    const envelope = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        progressToken: 1,
    };

    it("in the middle of a stream of progress ends nothing, without and with a session", async () => {
        const headers = await enterSession(bridge.url);
        for (const options of [{}, { headers }]) {
            const stream = await openStream(bridge.url, message, options);
            await until(() => stream.messages().length > 3);
            stream.leave();
            await until(() => bridge.counts().calls === 0);
        }
    });

    it("in the middle of a stream of 2026-07-28 ends nothing", async () => {
        const { params } = message as { params: object };
        const request = { ...message, params: { ...params, _meta: envelope } };
        const stream = await openStream(bridge.url, request, modern);
        await until(() => stream.messages().length > 3);
        stream.leave();
        await until(() => bridge.counts().calls === 0);
    });

    it("in the middle of a large answer ends nothing", async () => {
        const stream = await openStream(bridge.url, callTool("large", { bytes: 8 * megabyte }), {
            paused: true,
        });
        stream.leave();
    });

    it("before its answer is there ends nothing", async () => {
        for (const name of ["pid", "large"]) {
            const signal = AbortSignal.timeout(20);
            const work = post(bridge.url, callTool("work", { ms: 100 }), { signal });
            const after = post(bridge.url, callTool(name, { bytes: megabyte }), { signal });
            await Promise.allSettled([work, after]);
        }
        await until(() => bridge.counts().calls === 0);
    });

    it("in the middle of its request ends nothing", async () => {
        const { socket } = await openConnection(bridge.url);
        socket.write(
            writePost(callTool("echo", { value: "x".repeat(megabyte) }), { length: 2 * megabyte }),
        );
        await until(() => bridge.counts().inFlight === 1);
        socket.resetAndDestroy();
    });

    it("by a reset while it is answered ends nothing", async () => {
        const { socket } = await openConnection(bridge.url);
        socket.write(writePost(callTool("work", { ms: 100 })));
        socket.write(writePost(callTool("large", { bytes: megabyte })));
        await until(() => bridge.counts().calls === 2);
        socket.resetAndDestroy();
    });

    it("while it listens ends nothing", async () => {
        const headers = await enterSession(bridge.url);
        const stream = await openStream(bridge.url, undefined, { headers });
        stream.leave();
        await until(() => bridge.counts().streams === 0);
        const listening = new AbortController();
        const listen = postModern(
            bridge.url,
            "subscriptions/listen",
            { notifications: { toolsListChanged: true } },
            { signal: listening.signal },
        );
        await until(() => bridge.counts().streams === 1);
        listening.abort();
        await assert.rejects(listen);
    });

    it("while its own process starts leaves none behind", async () => {
        const signal = AbortSignal.timeout(5);
        const params = {
            protocolVersion: "2025-11-25",
            capabilities: { roots: {} },
            clientInfo: { name: "t", version: "1" },
        };
        await Promise.allSettled([
            post(bridge.url, { jsonrpc: "2.0", id: 1, method: "initialize", params }, { signal }),
            postModern(
                bridge.url,
                "tools/call",
                {
                    name: "pid",
                    _meta: { "io.modelcontextprotocol/clientCapabilities": { roots: {} } },
                },
                { signal },
            ),
        ]);
        await until(() => {
            const { leased, kept } = bridge.counts().children;
            return leased === 0 && kept === 0;
        });
        assert.equal(bridge.counts().sessions, 0);
    });
});
