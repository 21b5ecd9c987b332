import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import * as z from "zod";
import { bundlePrograms } from "../support/startProgram.ts";
import { postRest, readRest } from "../support/startRest.ts";
import { type RunningBridge, startFixture } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

/** A native server over streamable HTTP, without sessions. */
async function startNative(): Promise<{ server: Server; url: string }> {
    const handler = createMcpHandler(() => {
        const server = new McpServer({ name: "native", version: "1.0.0" });
        const inputSchema = z.object({ a: z.number(), b: z.number() });
        const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
        server.registerTool("add", { inputSchema }, ({ a, b }) => text(String(a + b)));
        server.registerTool("fail", { inputSchema: z.object({}) }, () => {
            throw new Error("out of order");
        });
        return server;
    });
    const server = createAdaptorServer({ fetch: (request) => handler.fetch(request) }) as Server;
    await once(server.listen(0, "127.0.0.1"), "listening");
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
}

/** A bridge whose server is the program that connects to a URL. */
const startInFront = (url: string) =>
    startFixture({
        command: [process.execPath, join(bundlePrograms(), "connect.cjs"), url],
        rest: true,
    });

describe("connect", function () {
    this.timeout(60_000);
    let native: Awaited<ReturnType<typeof startNative>>;
    let bridge: RunningBridge;
    const at = (path: string) => bridge.url.replace("/mcp", path);
    before(async () => {
        native = await startNative();
        bridge = await startInFront(native.url);
        await until(() => bridge.child.description !== undefined);
    });
    after(async () => {
        await bridge.close();
        native.server.closeAllConnections();
        native.server.close();
    });

    it("gives a native server's tools as REST", async () => {
        const { status, body } = await readRest(await fetch(at("/tools")));
        const names = body.tools.map(({ name }: { name: string }) => name);
        assert.deepEqual([status, names], [200, ["add", "fail"]]);
        const call = { tool_name: "add", tool_args: { a: 2, b: 3 } };
        const answer = await postRest(at("/call"), call);
        assert.deepEqual(
            [answer.status, answer.body.result.content],
            [200, [{ type: "text", text: "5" }]],
        );
    });

    const refused: [string, object, number, string][] = [
        ["a call without a tool's name", { tool_args: {} }, 400, "bad_request"],
        ["a tool that there is not", { tool_name: "none" }, 404, "not_found"],
        ["wrong arguments", { tool_name: "add", tool_args: { a: "2" } }, 422, "invalid_arguments"],
    ];
    for (const [what, body, status, code] of refused) {
        it(`answers ${what} with ${status}`, async () => {
            const answer = await postRest(at("/call"), body);
            assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
        });
    }

    it("answers a tool that fails with 500 and its message", async () => {
        const { status, body } = await postRest(at("/tools/fail"), {});
        assert.deepEqual([status, body.error.code], [500, "tool_error"]);
        assert.match(body.error.message, /out of order/);
    });

    for (const mode of ["auto", "legacy"] as const) {
        it(`serves it over MCP too, to a client in mode '${mode}'`, async () => {
            const info = { name: "test", version: "1" };
            const client = new Client(info, { versionNegotiation: { mode } });
            await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
            const { content } = await client.callTool({ name: "add", arguments: { a: 1, b: 1 } });
            assert.deepEqual(content, [{ type: "text", text: "2" }]);
            await client.close();
        });
    }

    it("makes the bridge not ready, with the reason in its log, while there is no such server", async () => {
        const lost = createServer();
        await once(lost.listen(0, "127.0.0.1"), "listening");
        const { port } = lost.address() as AddressInfo;
        await new Promise((resolve) => lost.close(resolve));
        const alone = await startInFront(`http://127.0.0.1:${port}/mcp`);
        try {
            await until(() =>
                alone.log.some((entry) => /ECONNREFUSED/.test(JSON.stringify(entry))),
            );
            assert.equal((await fetch(alone.url.replace("/mcp", "/readyz"))).status, 503);
        } finally {
            await alone.close();
        }
    });

    it("opens another session when the server has lost its own", async () => {
        let sessions = 0;
        let known = "";
        const stateful = createServer((request, response) => {
            let text = "";
            request.setEncoding("utf8").on("data", (part: string) => (text += part));
            request.on("end", () => {
                const { id, method } = JSON.parse(text || "{}");
                if (method === "initialize") known = `s${++sessions}`;
                else if (request.headers["mcp-session-id"] !== known) {
                    return response.writeHead(404).end();
                }
                if (id === undefined) return response.writeHead(202).end();
                const result =
                    method === "initialize"
                        ? {
                              protocolVersion: "2025-06-18",
                              capabilities: { tools: {} },
                              serverInfo: { name: "stateful", version: "1" },
                          }
                        : { tools: [{ name: "only", inputSchema: { type: "object" } }] };
                // As an event in pieces, after one without data, with the other line ends.
                response.writeHead(200, {
                    "content-type": "text/event-stream",
                    "mcp-session-id": known,
                });
                const message = JSON.stringify({ jsonrpc: "2.0", id, result });
                response.write(`: here\r\n\r\nid: 1\r\ndata:\r\n\r\ndata: ${message.slice(0, 9)}`);
                setTimeout(() => response.end(`${message.slice(9)}\r\n\r\n`), 20);
            });
        });
        await once(stateful.listen(0, "127.0.0.1"), "listening");
        const { port } = stateful.address() as AddressInfo;
        const front = await startInFront(`http://127.0.0.1:${port}/mcp`);
        const list = async () => (await fetch(front.url.replace("/mcp", "/tools"))).status;
        try {
            await until(() => front.child.description !== undefined);
            known = "lost";
            await until(async () => (await list()) === 200 && sessions > 1);
            assert.equal(await list(), 200);
        } finally {
            await front.close();
            stateful.closeAllConnections();
            stateful.close();
        }
    });

    for (const args of [[], ["ftp://example.org"], ["http://a/mcp", "b"]]) {
        it(`refuses the arguments '${args.join(" ")}'`, () => {
            const program = join(bundlePrograms(), "connect.cjs");
            const run = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
            assert.equal(run.status, 2);
            assert.match(run.stderr, /must be given the http or https URL of an MCP server, got '/);
        });
    }
});
