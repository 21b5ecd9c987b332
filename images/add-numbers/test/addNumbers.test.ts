import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
    installRequirements,
    startHttpServer,
    type RunningServer,
} from "../../../test/support/pythonServer.ts";

const directory = join(import.meta.dirname, "..");
const run = ["-m", "add_numbers"];
const environment = { PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: "1" };
const info = { name: "test", version: "1" };
const text = (result: object): string =>
    (result as { content: [{ text: string }] }).content[0].text;
const endpoint = ({ port }: RunningServer): URL => new URL(`http://127.0.0.1:${port}/mcp`);

describe("add-numbers", function () {
    this.timeout(180_000);
    let python: string;
    let server: RunningServer;
    const start = (settings: Record<string, string> = {}) =>
        startHttpServer(python, run, "/health", { ...environment, ...settings });
    before(async () => {
        python = join(await installRequirements(directory), "python");
        server = await start();
    });
    after(() => server.process.kill("SIGKILL"));

    for (const [mode, version] of [
        ["auto", "2026-07-28"],
        ["legacy", "2025-11-25"],
    ] as const) {
        it(`serves SDK v2 in mode '${mode}' with ${version}`, async () => {
            const client = new Client(info, { versionNegotiation: { mode } });
            await client.connect(new StreamableHTTPClientTransport(endpoint(server)));
            assert.equal(client.getNegotiatedProtocolVersion(), version);
            assert.deepEqual(client.getServerVersion(), { name: "add-numbers", version: "0.1.0" });
            const sum = await client.callTool({ name: "add_numbers", arguments: { a: 2, b: 3 } });
            assert.equal(text(sum), "5");
            await client.close();
        });
    }

    it("serves SDK v1, without a session", async () => {
        const client = new ClientV1(info);
        const transport = new TransportV1(endpoint(server));
        await client.connect(transport);
        assert.equal(transport.sessionId, undefined);
        const call = { name: "add_numbers", arguments: { a: 0.5, b: -1 } };
        assert.equal(text(await client.callTool(call)), "-0.5");
        await client.close();
    });

    it("lists the tool that its name promises, and no other", async () => {
        const client = new Client(info, { versionNegotiation: { mode: "auto" } });
        await client.connect(new StreamableHTTPClientTransport(endpoint(server)));
        const { tools } = await client.listTools();
        assert.deepEqual(
            tools.map(({ name }) => name),
            ["add_numbers"],
        );
        await client.close();
    });

    it("answers a call that is in flight at SIGTERM, then ends", async () => {
        const own = await start();
        const ended = once(own.process, "exit");
        const params = { name: "add_numbers", arguments: { a: 2, b: 3 } };
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
        const sent = request(endpoint(own), {
            method: "POST",
            headers: {
                accept: "application/json, text/event-stream",
                "content-type": "application/json",
                "content-length": body.length,
            },
        });
        const answered = once(sent, "response") as Promise<[IncomingMessage]>;
        sent.write(body.slice(0, 20));
        await sleep(500);
        own.process.kill("SIGTERM");
        await sleep(500);
        sent.end(body.slice(20));
        const [response] = await answered;
        assert.equal(response.statusCode, 200);
        assert.match((await response.toArray()).join(""), /"text":\s*"5"/);
        await ended;
    });

    it("serves only the hosts it is told, when it is told any", async () => {
        const own = await start({ ALLOWED_HOSTS: "mcp.example.org:*" });
        try {
            const post = (host: string) =>
                new Promise((resolve, reject) => {
                    const headers = { host, "content-type": "application/json" };
                    request(endpoint(own), { method: "POST", headers }, (response) => {
                        response.resume();
                        resolve(response.statusCode);
                    })
                        .once("error", reject)
                        .end("{}");
                });
            assert.equal(await post("evil.example.org"), 421);
            assert.notEqual(await post("mcp.example.org:30443"), 421);
        } finally {
            own.process.kill("SIGKILL");
        }
    });

    it("writes JSON to stderr", () => {
        const lines = server.log().trim().split("\n");
        assert.ok(lines.length > 2);
        for (const line of lines) {
            const { level, message } = JSON.parse(line) as Record<string, unknown>;
            assert.ok(typeof level === "string" && typeof message === "string");
        }
    });

    it("names every wrong setting at once, and only those", () => {
        const wrong = { PORT: "x", MCP_PATH: "mcp", GRACE_SECONDS: "-1" };
        const env = { ...environment, ...wrong };
        const { status, stderr, stdout } = spawnSync(python, run, { env, encoding: "utf8" });
        assert.deepEqual([status, stdout], [2, ""]);
        assert.deepEqual(stderr.match(/^\w+(?=: must)/gm)?.sort(), Object.keys(wrong).sort());
    });
});
