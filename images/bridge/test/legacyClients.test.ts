import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { callTool, post, textOf } from "./support/post.ts";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

const initialize = (protocolVersion: string) => ({
    jsonrpc: "2.0",
    id: "first",
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

describe("a client of 2025-11-25 or before", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture();
    });
    after(() => bridge.close());

    for (const version of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
        it(`negotiates ${version}`, async () => {
            const { last, status } = await post(bridge.url, initialize(version));
            assert.equal(status, 200);
            assert.equal(last.id, "first");
            assert.equal(last.result.protocolVersion, version);
        });
    }

    it("is offered the newest version it could know when it asks for an unknown one", async () => {
        const { last } = await post(bridge.url, initialize("1999-01-01"));
        assert.equal(last.result.protocolVersion, "2025-11-25");
    });

    it("is told what the server is, and only of abilities that cross", async () => {
        const { last } = await post(bridge.url, initialize("2025-11-25"));
        assert.deepEqual(last.result.serverInfo, { name: "fixture", version: "1.2.3" });
        assert.equal(last.result.instructions, "ask nicely");
        assert.deepEqual(last.result.capabilities, {
            tools: { listChanged: true },
            resources: { listChanged: true, subscribe: true },
        });
    });

    it("initialises nothing again in the server", async () => {
        await post(bridge.url, initialize("2025-11-25"));
        await post(bridge.url, { jsonrpc: "2.0", method: "notifications/initialized" });
        const received = JSON.parse(textOf(await post(bridge.url, callTool("received"))));
        assert.equal(received.initialized, 1);
    });

    it("gets its own progress, in order and before the result, though ids and tokens are equal", async () => {
        const callers = Array.from({ length: 20 }, (_, index) => String(index));
        const answers = await Promise.all(
            callers.map((value) =>
                post(
                    bridge.url,
                    callTool(
                        "progress",
                        { steps: 5, value },
                        { id: "same", progressToken: "same" },
                    ),
                ),
            ),
        );
        answers.forEach(({ messages, type }, index) => {
            assert.equal(type, "text/event-stream");
            const steps = messages.slice(0, -1).map(({ params }) => params);
            assert.deepEqual(
                steps,
                [1, 2, 3, 4, 5].map((progress) => ({ progressToken: "same", progress, total: 5 })),
            );
            assert.equal(messages.at(-1).id, "same");
            assert.equal(messages.at(-1).result.content[0].text, String(index));
        });
    });

    it("gets plain JSON when nothing precedes the result", async () => {
        const { type, status } = await post(bridge.url, callTool("echo", { value: "x" }));
        assert.deepEqual([type, status], ["application/json", 200]);
    });

    it("gets plain JSON without progress when it takes no stream", async () => {
        const call = callTool("progress", { steps: 2 }, { progressToken: 1 });
        const { type, messages } = await post(bridge.url, call, {
            headers: { accept: "application/json" },
        });
        assert.deepEqual([type, messages.length], ["application/json", 1]);
    });

    for (const value of [
        "žluťoučký 🐎 \u200d\u00ad\ufeff\ufffd",
        "\u2028\u2029\u0000\\n",
        "日本語".repeat(999),
    ]) {
        it(`passes ${JSON.stringify(value.slice(0, 20))} on unchanged, in pieces of three bytes`, async () => {
            assert.equal(textOf(await post(bridge.url, callTool("half", { value }))), value);
        });
    }

    it("gets eight megabytes", async () => {
        const bytes = 8 * 1024 * 1024;
        const text = textOf(await post(bridge.url, callTool("large", { bytes })));
        assert.equal(text.length, bytes);
    });

    it("is told when an answer is too long for the bridge, and the server lives on", async () => {
        const { last } = await post(
            bridge.url,
            callTool("large", { bytes: 11 * 1024 * 1024 }, { id: 5 }),
        );
        assert.equal(last.id, 5);
        assert.deepEqual(
            [last.error.code, last.error.message],
            [-32603, "the server's answer is longer than 10485760 bytes"],
        );
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "on" }))), "on");
    });

    it("pages through a list", async () => {
        const names: string[] = [];
        let cursor: string | undefined;
        do {
            const params = cursor === undefined ? {} : { cursor };
            const { last } = await post(bridge.url, {
                jsonrpc: "2.0",
                id: 1,
                method: "tools/list",
                params,
            });
            names.push(...last.result.tools.map(({ name }: { name: string }) => name));
            assert.ok(last.result.tools.every((tool: object) => !("execution" in tool)));
            cursor = last.result.nextCursor;
        } while (cursor !== undefined);
        assert.ok(names.length > 10 && new Set(names).size === names.length);
    });

    it("is answered a ping without troubling the server", async () => {
        const { last } = await post(bridge.url, { jsonrpc: "2.0", id: 3, method: "ping" });
        assert.deepEqual(last, { jsonrpc: "2.0", id: 3, result: {} });
    });

    for (const method of ["logging/setLevel", "resources/subscribe", "tasks/list", "no/such"]) {
        it(`is refused '${method}'`, async () => {
            const { last, status } = await post(bridge.url, { jsonrpc: "2.0", id: 3, method });
            assert.deepEqual([status, last.id, last.error.code], [200, 3, -32601]);
        });
    }

    it("gets the server's own errors", async () => {
        const { last } = await post(bridge.url, callTool("nope"));
        assert.deepEqual(last.error, { code: -32602, message: "unknown tool 'nope'" });
    });

    it("survives nonsense on the server's stdout, and learns nothing of others from it", async () => {
        const { messages } = await post(bridge.url, callTool("nonsense"));
        assert.deepEqual(
            messages.map(({ id }) => id),
            [1],
        );
        assert.equal(messages[0].result.content[0].text, "sane");
    });

    for (const method of ["sampling/createMessage", "elicitation/create", "roots/list"]) {
        it(`is not asked '${method}' by a server it shares; the server is refused at once`, async () => {
            const refusal = JSON.parse(textOf(await post(bridge.url, callTool("ask", { method }))));
            assert.equal(refusal.code, -32021);
        });
    }

    it("leaves a server's ping to the bridge", async () => {
        const answer = textOf(await post(bridge.url, callTool("ask", { method: "ping" })));
        assert.equal(answer, "{}");
    });

    it("cancels its own call and no other with the same id", async () => {
        const sessions = await Promise.all(
            [1, 2].map(async () => {
                const { headers } = await post(bridge.url, initialize("2025-11-25"));
                return { "mcp-session-id": headers.get("mcp-session-id") ?? "" };
            }),
        );
        const [mine, other] = sessions;
        assert.notEqual(mine?.["mcp-session-id"], other?.["mcp-session-id"]);
        const began = performance.now();
        const calls = sessions.map((headers) =>
            post(bridge.url, callTool("sleep", { ms: 700 }, { id: 7 }), { headers }),
        );
        await until(() => bridge.counts().calls === 2);
        const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled" };
        const params = { requestId: 7, reason: "changed my mind" };
        const { status } = await post(
            bridge.url,
            { ...cancelled, params },
            { headers: mine ?? {} },
        );
        assert.equal(status, 202);

        const [first, second] = await Promise.all(calls);
        assert.equal(first?.last.error.message, "changed my mind");
        assert.equal(second && textOf(second), "slept");
        assert.ok(performance.now() - began >= 690);
        const seen = JSON.parse(textOf(await post(bridge.url, callTool("cancelled"))));
        assert.equal(seen.cancelled.length, 1);
        assert.equal(seen.cancelled[0].reason, "changed my mind");
    });

    it("does not cancel by losing its connection", async () => {
        const { cancelled } = JSON.parse(textOf(await post(bridge.url, callTool("cancelled"))));
        const signal = AbortSignal.timeout(100);
        await assert.rejects(post(bridge.url, callTool("sleep", { ms: 300 }), { signal }));
        await delay(100);
        const later = JSON.parse(textOf(await post(bridge.url, callTool("cancelled"))));
        assert.equal(later.cancelled.length, cancelled.length);
        await until(() => bridge.counts().calls === 0);
    });
});
