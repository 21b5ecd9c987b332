import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterSession } from "../support/enterSession.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool, post, postModern } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly, unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const old = {
    capabilities: { tools: { listChanged: true } },
    tools: ["echo", "crash", "pid", "old"],
};
const renewed = {
    capabilities: { tools: { listChanged: true }, prompts: { listChanged: true } },
    tools: ["echo", "crash", "pid", "received", "new"],
};
const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const cursor = '=/?&ž "p"2';

describe("a server that comes back as another one", () => {
    const file = join(mkdtempSync(join(tmpdir(), "slipway-server-")), "server.json");
    let bridge: RunningBridge;
    beforeEach(async () => {
        writeFileSync(file, JSON.stringify(old));
        bridge = await startUnruly({ command: unruly("--file", file) });
        await until(() => bridge.child.description !== undefined);
    });
    afterEach(() => bridge.close());

    /** Ends the server; the next one says otherwise of itself. Resolves when it is there. */
    async function renew(): Promise<void> {
        const before = bridge.child.pid;
        writeFileSync(file, JSON.stringify(renewed));
        await post(bridge.url, callTool("crash"));
        await until(() => bridge.child.description !== undefined && bridge.child.pid !== before);
    }

    async function readTools(): Promise<string[]> {
        const pages = await Promise.all(
            [{}, { cursor }].map((params) => post(bridge.url, { ...listTools, params })),
        );
        return pages.flatMap(({ last }) =>
            last.result.tools.map(({ name }: { name: string }) => name),
        );
    }

    it("is described by what it says now, to clients of both eras", async () => {
        const before = await postModern(bridge.url, "server/discover");
        assert.deepEqual(before.last.result.capabilities, old.capabilities);
        await renew();
        const { last } = await postModern(bridge.url, "server/discover");
        assert.deepEqual(last.result.capabilities, renewed.capabilities);
        const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: {} };
        const opened = await post(bridge.url, { ...listTools, method: "initialize", params });
        assert.deepEqual(opened.last.result.capabilities, renewed.capabilities);
    });

    it("offers the tools it has now, by every way", async () => {
        assert.deepEqual(await readTools(), old.tools);
        const rest = async () => await (await fetch(new URL("/tools", bridge.url))).text();
        assert.match(await rest(), /"old"/);
        await renew();
        assert.deepEqual(await readTools(), renewed.tools);
        const listed = await rest();
        assert.match(listed, /"new"/);
        assert.doesNotMatch(listed, /"old"/);
    });

    it("says so to those who listen, of both eras, on the streams that they have", async () => {
        const headers = await enterSession(bridge.url);
        const stream = await openStream(bridge.url, undefined, { headers });
        const listening = new AbortController();
        const changed: string[] = [];
        const meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        };
        const listen = await openStream(
            bridge.url,
            {
                jsonrpc: "2.0",
                id: 9,
                method: "subscriptions/listen",
                params: { notifications: { toolsListChanged: true }, _meta: meta },
            },
            {
                headers: {
                    "mcp-protocol-version": "2026-07-28",
                    "mcp-method": "subscriptions/listen",
                },
            },
        );
        await until(() => listen.messages().length === 1);
        await renew();
        await until(() => stream.messages().length >= 3 && listen.messages().length >= 2);
        changed.push(...stream.messages().map(({ method }) => method));
        assert.deepEqual(
            changed.sort(),
            ["prompts", "resources", "tools"].map((list) => `notifications/${list}/list_changed`),
        );
        assert.equal(listen.messages()[1].method, "notifications/tools/list_changed");
        listening.abort();
        stream.leave();
        listen.leave();
    });

    it("goes on with the sessions there are: they need not begin anew", async () => {
        const headers = await enterSession(bridge.url);
        await renew();
        const { last } = await post(bridge.url, callTool("pid"), { headers });
        assert.equal(last.result.content[0].text, String(bridge.child.pid));
    });

    it("was shaken hands with once, and hears of no call that the old one had", async () => {
        const waiting = post(bridge.url, callTool("work", { ms: 10 }));
        await renew();
        await waiting;
        const { last } = await post(bridge.url, callTool("received"));
        assert.deepEqual(JSON.parse(last.result.content[0].text), [
            { method: "notifications/initialized", params: {} },
        ]);
    });

    it("fails the calls it had with a reason, and the process of a session ends that session with 404", async () => {
        const headers = await enterSession(bridge.url, { roots: {} });
        const waiting = post(
            bridge.url,
            callTool("gather", { count: 2, steps: 0, value: "x" }, { id: "w" }),
            { headers },
        );
        await until(() => bridge.counts().inFlight === 1);
        await post(bridge.url, callTool("crash"), { headers });
        const { last } = await waiting;
        assert.deepEqual([last.id, last.error.code], ["w", -32603]);
        assert.equal(last.error.message, "the server exited with code 3 before it answered");
        const after = await post(bridge.url, callTool("pid"), { headers });
        assert.equal(after.status, 404);
        assert.equal(bridge.child.restarts, 0);
    });
});
