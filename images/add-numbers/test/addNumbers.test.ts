import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
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

    describe("its tools", () => {
        let client: Client;
        before(async () => {
            client = new Client(info, { versionNegotiation: { mode: "auto" } });
            const requestInit = { headers: { "x-own": "1", authorization: "Bearer secret" } };
            await client.connect(
                new StreamableHTTPClientTransport(endpoint(server), { requestInit }),
            );
        });
        after(() => client.close());
        const call = async (name: string, args: Record<string, unknown> = {}) =>
            text(await client.callTool({ name, arguments: args }));

        it("count with progress", async () => {
            const steps: number[] = [];
            const counting = { name: "count_slowly", arguments: { seconds: 0.2, steps: 4 } };
            const result = await client.callTool(counting, {
                onprogress: ({ progress }) => steps.push(progress),
            });
            assert.deepEqual([steps, text(result)], [[1, 2, 3, 4], "counted to 4"]);
        });

        it("answer at length", async () => {
            const megabyte = await call("repeat_text", { text: "é-", kibibytes: 1024 });
            assert.equal(megabyte, "é-".repeat(512 * 1024));
        });

        it("find primes, and answer others meanwhile", async () => {
            const primes = call("find_primes", { limit: 1_000_000 });
            assert.equal((await fetch(new URL("/health", endpoint(server)))).status, 200);
            assert.equal(await primes, "78498");
        });

        it("tell what headers came, but no credentials", async () => {
            const headers = JSON.parse(await call("request_headers")) as Record<string, string>;
            assert.equal(headers["x-own"], "1");
            assert.equal(headers.authorization, "(present)");
        });

        it("refuse what they cannot do", async () => {
            const arguments_ = { limit: 1e9 };
            const result = await client.callTool({ name: "find_primes", arguments: arguments_ });
            assert.equal(result.isError, true);
        });
    });

    it("finishes a stream at SIGTERM, then ends", async () => {
        const own = await start();
        const ended = once(own.process, "exit");
        const client = new ClientV1(info);
        await client.connect(new TransportV1(endpoint(own)));
        const steps: number[] = [];
        const counting = { name: "count_slowly", arguments: { seconds: 2, steps: 8 } };
        const result = await client.callTool(counting, undefined, {
            onprogress: ({ progress }) => {
                steps.push(progress);
                if (progress === 2) {
                    own.process.kill("SIGTERM");
                }
            },
        });
        assert.equal(text(result), "counted to 8");
        assert.equal(steps.length, 8);
        await client.close();
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
