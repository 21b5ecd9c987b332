import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";

const call = (params: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const nest = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("a message that no client should send ends nothing, and is told what it lacks", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());
    afterEach(async () => {
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "on" }))), "on");
        assert.deepEqual([bridge.counts().calls, bridge.child.restarts], [0, 0]);
    });

    for (const params of ["null", '"x"', "7", "true", "[]", '[{"name":"echo"}]']) {
        for (const capabilities of [undefined, {}, { roots: {} }]) {
            const who = capabilities === undefined ? "no session" : JSON.stringify(capabilities);
            it(`parameters that are ${params}, of a client with ${who}`, async () => {
                const headers = capabilities && (await enterSession(bridge.url, capabilities));
                const options = headers === undefined ? {} : { headers };
                const { status, last } = await post(bridge.url, call(params), options);
                assert.deepEqual([status, last.error.code], [400, -32600]);
            });
        }
    }

    const strange: [message: object, status: number, code: number | undefined][] = [
        [{ id: null, method: "tools/list" }, 400, -32600],
        [{ id: {}, method: "tools/list" }, 400, -32600],
        [{ id: 1, method: 7 }, 400, -32600],
        [{ id: 1, method: "" }, 200, -32601],
        [{ id: 1, method: "constructor" }, 200, -32601],
        [{ id: 1, method: "__proto__" }, 200, -32601],
        [{ id: 1, method: "tools/call" }, 200, -32602],
        [{ id: 1, method: "tools/call", params: { name: { a: 1 } } }, 200, -32602],
        [{ id: 1, method: "tools/call", params: { name: "constructor" } }, 200, -32602],
        [{ id: 1, method: "tools/call", params: { name: "echo", _meta: 7 } }, 200, undefined],
        [{ id: 1, method: "tools/call", params: { name: "echo", arguments: 7 } }, 200, undefined],
        [
            { id: 1, method: "initialize", params: { capabilities: 7, clientInfo: [] } },
            200,
            undefined,
        ],
        [{ id: 1, method: "resources/subscribe", params: { uri: {} } }, 200, -32601],
    ];
    for (const [message, status, code] of strange) {
        it(JSON.stringify(message), async () => {
            const answer = await post(bridge.url, { jsonrpc: "2.0", ...message });
            assert.deepEqual([answer.status, answer.last.error?.code], [status, code]);
        });
    }

    const silent = [
        { method: "notifications/cancelled" },
        { method: "notifications/cancelled", params: { requestId: { a: 1 } } },
        { method: "notifications/progress", params: {} },
        { method: "no such notification" },
        { id: 5, result: {} },
        { id: "no such question", error: { code: 1, message: "no" } },
        { id: {}, result: 7 },
        { result: null, id: null },
    ];
    for (const message of silent) {
        it(`${JSON.stringify(message)}, which has no answer`, async () => {
            for (const capabilities of [{}, { roots: {} }]) {
                const headers = await enterSession(bridge.url, capabilities);
                const { status } = await post(
                    bridge.url,
                    { jsonrpc: "2.0", ...message },
                    { headers },
                );
                assert.equal(status, 202);
            }
        });
    }

    for (const [params, code] of [
        [{ name: "echo", inputResponses: 7 }, -32602],
        [{ name: "echo", requestState: 7 }, -32602],
        [{ name: "echo", requestState: "a.b" }, -32602],
        [{ name: "echo", task: 7 }, undefined],
    ] as const) {
        it(`${JSON.stringify(params)} of a client of 2026-07-28`, async () => {
            const { last } = await postModern(bridge.url, "tools/call", params);
            assert.equal(last.error?.code, code);
        });
    }

    it("nested as deep as memory holds, anywhere", async () => {
        const { origin } = new URL(bridge.url);
        const deep = `{"name":"echo","arguments":{"value":${nest(100_000)}}}`;
        const headers = await enterSession(bridge.url, { roots: {} });
        for (const options of [{}, { headers }]) {
            const { status, last } = await post(bridge.url, call(deep), options);
            assert.deepEqual([status, last.error.code], [400, -32700]);
        }
        const response = await fetch(`${origin}/tools/echo`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: `{"value":${nest(100_000)}}`,
        });
        assert.equal(response.status, 400);
    });

    it("nested deep, but no deeper than servers take", async () => {
        const deep = `{"name":"length","arguments":{"value":"x","more":${nest(990)}}}`;
        assert.equal(textOf(await post(bridge.url, call(deep))), "1");
        const wide = `{"name":"length","arguments":{"value":"x","more":[${"[],".repeat(50_000)}0]}}`;
        assert.equal(textOf(await post(bridge.url, call(wide))), "1");
        const value = JSON.stringify(nest(50_000));
        const quoted = `{"name":"length","arguments":{"value":${value}}}`;
        assert.equal(textOf(await post(bridge.url, call(quoted))), "100000");
    });

    it("over a server of 2026-07-28", async () => {
        const modern = await startFixture({ command: modernOnly, graceSeconds: 0 });
        try {
            const headers = await enterSession(modern.url);
            for (const params of ["null", "7", nest(5000)]) {
                assert.equal((await post(modern.url, call(params), { headers })).status, 400);
            }
            const { last } = await post(modern.url, callTool("echo", { value: "on" }), { headers });
            assert.equal(last.result.content[0].text, "on");
        } finally {
            await modern.close();
        }
    });
});
