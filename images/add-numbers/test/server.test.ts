import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";

import { connectV1 } from "../../../test/stage/connectV1.ts";
import { connectV2 } from "../../../test/stage/connectV2.ts";
import { describeCause } from "../../../test/stage/describeCause.ts";
import { installRequirements, startHttpServer } from "../../../test/support/pythonServer.ts";
import type { RunningServer } from "../../../test/support/pythonServer.ts";

const directory = join(import.meta.dirname, "..");

describe("add-numbers", function () {
    this.timeout(300_000);
    let programs: string;
    let server: RunningServer;
    let url: string;

    const start = (env: Record<string, string> = {}) =>
        startHttpServer(join(programs, "python"), [join(directory, "server.py")], "/health", env);

    before(async () => {
        programs = await installRequirements(directory);
        server = await start();
        url = `http://127.0.0.1:${server.port}/mcp`;
    });

    after(() => server.process.kill("SIGKILL"));

    for (const { connect, version } of [
        { connect: connectV1, version: "2025-11-25" },
        { connect: connectV2, version: "2026-07-28" },
    ]) {
        it(`adds numbers for a client of ${version}`, async () => {
            const connection = await connect(url, "none");
            assert.equal(connection.protocolVersion, version);
            assert.equal(await connection.callTool("add_numbers", { a: 19, b: 23 }), "42");
            assert.equal(await connection.callTool("find_primes", { limit: 1000 }), "168");
            await connection.close();
        });
    }

    it("reports progress at each step", async () => {
        const client = new Client({ name: "test", version: "1.0.0" });
        await client.connect(new StreamableHTTPClientTransport(new URL(url)));
        const seen: number[] = [];
        await client.callTool(
            { name: "count_slowly", arguments: { seconds: 0.5, steps: 5 } },
            undefined,
            { onprogress: ({ progress }) => seen.push(progress) },
        );
        assert.deepEqual(seen, [1, 2, 3, 4, 5]);
        await client.close();
    });

    const refusals = [
        { tool: "repeat_text", args: { text: "a", kibibytes: 0 }, says: /kibibytes: .* got 0/ },
        { tool: "count_slowly", args: { seconds: 301, steps: 1 }, says: /seconds: .* got 301/ },
        { tool: "find_primes", args: { limit: -1 }, says: /limit: .* got -1/ },
    ];
    for (const { tool, args, says } of refusals) {
        it(`refuses ${tool}(${JSON.stringify(args)}) and says why`, async () => {
            const connection = await connectV1(url, "none");
            await assert.rejects(connection.callTool(tool, args), says);
            await connection.close();
        });
    }

    it("answers only the hosts it is told, when it is told any", async () => {
        const strict = await start({ ALLOWED_HOSTS: "mcp.example.org" });
        try {
            const address = `http://127.0.0.1:${strict.port}/mcp`;
            await assert.rejects(connectV1(address, "none"), (error) => {
                assert.match(describeCause(error), /421|Invalid Host/);
                return true;
            });
        } finally {
            strict.process.kill("SIGKILL");
        }
    });

    it("finishes the call under way when it is told to stop, and logs JSON only", async () => {
        const stopping = await start();
        const connection = await connectV1(`http://127.0.0.1:${stopping.port}/mcp`, "none");
        const call = connection.callTool("count_slowly", { seconds: 2, steps: 2 });
        await new Promise((resolve) => setTimeout(resolve, 500));
        const ended = once(stopping.process, "exit");
        stopping.process.kill("SIGTERM");
        assert.equal(await call, "counted to 2");
        await connection.close();
        await ended;
        for (const line of stopping.log().trim().split("\n")) JSON.parse(line);
    });
});
