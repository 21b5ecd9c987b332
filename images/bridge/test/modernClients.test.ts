import assert from "node:assert/strict";
import {
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    SERVER_INFO_META_KEY,
    SUBSCRIPTION_ID_META_KEY,
} from "@modelcontextprotocol/server";
import { callTool, post, postModern, textOf } from "./support/post.ts";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

const serverInfo = { name: "fixture", version: "1.2.3" };

describe("a client of 2026-07-28", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture();
    });
    after(() => bridge.close());

    it("discovers the server without a handshake", async () => {
        const { last, status, headers } = await postModern(bridge.url, "server/discover");
        assert.equal(status, 200);
        assert.equal(headers.get("mcp-session-id"), null);
        assert.deepEqual(last.result, {
            resultType: "complete",
            supportedVersions: ["2026-07-28"],
            capabilities: {
                tools: { listChanged: true },
                resources: { listChanged: true, subscribe: true },
                logging: {},
            },
            instructions: "ask nicely",
            ttlMs: 0,
            cacheScope: "private",
            _meta: { [SERVER_INFO_META_KEY]: serverInfo },
        });
    });

    it("gets complete results, with cache fields where they belong", async () => {
        const list = (await postModern(bridge.url, "tools/list")).last.result;
        assert.deepEqual(
            [list.resultType, list.ttlMs, list.cacheScope],
            ["complete", 0, "private"],
        );
        const call = await postModern(bridge.url, "tools/call", {
            name: "echo",
            arguments: { value: "x" },
        });
        assert.deepEqual(call.last.result, {
            content: [{ type: "text", text: "x" }],
            resultType: "complete",
            _meta: { [SERVER_INFO_META_KEY]: serverInfo },
        });
    });

    it("shows the server nothing of its envelope, and all else", async () => {
        const { params } = JSON.parse(
            textOf(
                await postModern(bridge.url, "tools/call", {
                    name: "received",
                    _meta: { "example.org/own": 1 },
                }),
            ),
        );
        assert.deepEqual(params, { name: "received", _meta: { "example.org/own": 1 } });
    });

    it("gets progress before the result", async () => {
        const { messages } = await postModern(bridge.url, "tools/call", {
            name: "progress",
            arguments: { steps: 2 },
            _meta: { progressToken: "mine" },
        });
        assert.deepEqual(
            messages.map(({ params, result }) => params?.progress ?? result.resultType),
            [1, 2, "complete"],
        );
        assert.equal(messages[0].params.progressToken, "mine");
    });

    it("cancels by closing the stream", async () => {
        const params = { name: "sleep", arguments: { ms: 60_000 } };
        const closing = new AbortController();
        const call = postModern(bridge.url, "tools/call", params, { signal: closing.signal });
        await until(() => bridge.counts().calls === 1);
        closing.abort();
        await assert.rejects(call);
        await until(() => bridge.counts().calls === 0);
        const seen = JSON.parse(textOf(await post(bridge.url, callTool("cancelled"))));
        assert.equal(seen.cancelled.at(-1).reason, "the client closed the stream");
        assert.deepEqual(seen.waiting, []);
    });

    const removed = ["ping", "logging/setLevel", "resources/subscribe", "tasks/get", "no/such"];
    for (const method of removed) {
        it(`is told with 404 that there is no '${method}'`, async () => {
            const { status, last } = await postModern(bridge.url, method);
            assert.deepEqual([status, last.error.code], [404, -32601]);
        });
    }

    it("is told of a missing resource by the code of its era", async () => {
        const { status, last } = await postModern(bridge.url, "resources/read", { uri: "x://y" });
        assert.deepEqual([status, last.error.code], [200, -32602]);
        assert.deepEqual(last.error.data, { uri: "x://y" });
    });

    it("is refused a version nobody speaks, and told which are spoken", async () => {
        const { status, last } = await postModern(
            bridge.url,
            "tools/list",
            { _meta: { [PROTOCOL_VERSION_META_KEY]: "2099-01-01" } },
            { headers: { "mcp-protocol-version": "2099-01-01" } },
        );
        assert.deepEqual([status, last.error.code], [400, -32022]);
        assert.deepEqual(last.error.data, { supported: ["2026-07-28"], requested: "2099-01-01" });
    });

    const wrongHeaders: Record<string, string>[] = [
        { "mcp-method": "tools/list" },
        { "mcp-name": "other" },
        { "mcp-name": "=?base64?!!?=" },
        { "mcp-protocol-version": "2025-11-25" },
    ];
    for (const headers of wrongHeaders) {
        it(`is refused headers that contradict the body: ${JSON.stringify(headers)}`, async () => {
            const params = { name: "echo" };
            const answer = await postModern(bridge.url, "tools/call", params, { headers });
            assert.deepEqual([answer.status, answer.last.error.code], [400, -32020]);
        });
    }

    it("may encode a name that no header can carry", async () => {
        const name = "=?base64?ZWNobw==?=";
        const { status } = await postModern(
            bridge.url,
            "tools/call",
            { name: "echo", arguments: { value: "x" } },
            { headers: { "mcp-name": name } },
        );
        assert.equal(status, 200);
    });

    for (const header of ["mcp-protocol-version", "mcp-method", "mcp-name"]) {
        it(`is refused a request without '${header}'`, async () => {
            const _meta = {
                [PROTOCOL_VERSION_META_KEY]: "2026-07-28",
                [CLIENT_CAPABILITIES_META_KEY]: {},
            };
            const headers: Record<string, string> = {
                "mcp-protocol-version": "2026-07-28",
                "mcp-method": "tools/call",
                "mcp-name": "echo",
            };
            delete headers[header];
            const request = { jsonrpc: "2.0", id: 1, method: "tools/call" };
            const params = { name: "echo", _meta };
            const { status, last } = await post(bridge.url, { ...request, params }, { headers });
            assert.deepEqual([status, last.error.code], [400, -32020]);
        });
    }

    it("is refused a request without its envelope", async () => {
        const headers = { "mcp-protocol-version": "2026-07-28" };
        const message = { jsonrpc: "2.0", id: 4, method: "tools/list" };
        const { status, last } = await post(bridge.url, message, { headers });
        assert.deepEqual([status, last.id, last.error.code], [400, 4, -32602]);
    });

    it("is told of a changed list on the stream it listens to, which ends with the bridge", async () => {
        const own = await startFixture();
        const stream = postModern(own.url, "subscriptions/listen", {
            notifications: { toolsListChanged: true, promptsListChanged: true },
        });
        await until(() => own.counts().streams === 1);
        await post(own.url, callTool("announce"));
        await own.close();
        const { messages } = await stream;
        const _meta = { [SUBSCRIPTION_ID_META_KEY]: 1 };
        assert.deepEqual(messages, [
            {
                jsonrpc: "2.0",
                method: "notifications/subscriptions/acknowledged",
                params: { notifications: { toolsListChanged: true }, _meta },
            },
            { jsonrpc: "2.0", method: "notifications/tools/list_changed", params: { _meta } },
            {
                jsonrpc: "2.0",
                id: 1,
                result: {
                    resultType: "complete",
                    _meta: { ..._meta, [SERVER_INFO_META_KEY]: serverInfo },
                },
            },
        ]);
    });

    it("must say what it listens for", async () => {
        const { last } = await postModern(bridge.url, "subscriptions/listen");
        assert.equal(last.error.code, -32602);
    });
});
