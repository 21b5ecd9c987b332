import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
    installRequirements,
    startHttpServer,
    type RunningServer,
} from "../../../support/pythonServer.ts";

const directory = join(import.meta.dirname, "..");
const environment = { PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: "1" };
const info = { name: "test", version: "1" };
const text = (result: object): string =>
    (result as { content: [{ text: string }] }).content[0].text;
const endpoint = ({ port }: RunningServer): URL => new URL(`http://127.0.0.1:${port}/mcp`);

describe("probe-server", function () {
    this.timeout(180_000);
    let server: RunningServer;
    let client: Client;
    before(async () => {
        const python = join(await installRequirements(directory), "python");
        server = await startHttpServer(python, ["-m", "probe_server"], "/health", environment);
        client = new Client(info, { versionNegotiation: { mode: "auto" } });
        const requestInit = { headers: { "x-own": "1", authorization: "Bearer secret" } };
        await client.connect(new StreamableHTTPClientTransport(endpoint(server), { requestInit }));
    });
    after(() => server.process.kill("SIGKILL"));
    const call = async (name: string, args: Record<string, unknown> = {}) =>
        text(await client.callTool({ name, arguments: args }));

    it("counts with progress", async () => {
        const steps: number[] = [];
        const counting = { name: "count_slowly", arguments: { seconds: 0.2, steps: 4 } };
        const result = await client.callTool(counting, {
            onprogress: ({ progress }) => steps.push(progress),
        });
        assert.deepEqual([steps, text(result)], [[1, 2, 3, 4], "counted to 4"]);
    });

    it("answers at length", async () => {
        const megabyte = await call("repeat_text", { text: "é-", kibibytes: 1024 });
        assert.equal(megabyte, "é-".repeat(512 * 1024));
    });

    it("finds primes, and answers others meanwhile", async () => {
        const primes = call("find_primes", { limit: 1_000_000 });
        assert.equal((await fetch(new URL("/health", endpoint(server)))).status, 200);
        assert.equal(await primes, "78498");
    });

    it("tells what headers came, but no credentials", async () => {
        const headers = JSON.parse(await call("request_headers")) as Record<string, string>;
        assert.equal(headers["x-own"], "1");
        assert.equal(headers.authorization, "(present)");
    });

    it("refuses what it cannot do", async () => {
        const result = await client.callTool({ name: "find_primes", arguments: { limit: 1e9 } });
        assert.equal(result.isError, true);
    });

    it("writes JSON to stderr", () => {
        const lines = server.log().trim().split("\n");
        assert.ok(lines.length > 2);
        for (const line of lines) {
            const { level, program } = JSON.parse(line) as Record<string, unknown>;
            assert.deepEqual([typeof level, program], ["string", "probe-server"]);
        }
    });

    it("finishes a stream at SIGTERM, then ends", async () => {
        await client.close();
        const ended = once(server.process, "exit");
        const own = new ClientV1(info);
        await own.connect(new TransportV1(endpoint(server)));
        const steps: number[] = [];
        const counting = { name: "count_slowly", arguments: { seconds: 2, steps: 8 } };
        const result = await own.callTool(counting, undefined, {
            onprogress: ({ progress }) => {
                steps.push(progress);
                if (progress === 2) {
                    server.process.kill("SIGTERM");
                }
            },
        });
        assert.equal(text(result), "counted to 8");
        assert.equal(steps.length, 8);
        await own.close();
        await ended;
    });
});
