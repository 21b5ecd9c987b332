import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { makeLocalCertificate } from "../../../test/support/localCertificate.ts";
import { startHttpServer, type RunningServer } from "../../../test/support/pythonServer.ts";
import { startFixture, type RunningBridge } from "../../bridge/test/support/startFixture.ts";
import { searches } from "./searches.ts";

const directory = join(import.meta.dirname, "..");
const program = join(
    import.meta.dirname,
    "../../../node_modules/@brave/brave-search-mcp-server/dist/index.js",
);

async function connect(url: string, mode: "auto" | "legacy"): Promise<Client> {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return client;
}

/** Calls every tool, and compares what it answers with what Brave's API said. */
async function searchEverything(client: Client): Promise<void> {
    const { tools } = await client.listTools();
    const names = searches.map(([name]) => name);
    assert.deepEqual(tools.map(({ name }) => name).sort(), [...names].sort());
    for (const [name, args, expected] of searches) {
        const result = await client.callTool({ name, arguments: args });
        const text = JSON.stringify(result.content);
        assert.match(text, expected, `${name}: ${text}`);
        assert.notEqual(result.isError, true, `${name}: ${text}`);
    }
}

describe("brave-search, unmodified, with a local upstream", () => {
    const scratch = mkdtempSync(join(tmpdir(), "brave-search-"));
    const certificateFile = join(scratch, "certificate.pem");
    const keyFile = join(scratch, "key.pem");
    let upstream: ChildProcess;
    let environment: Record<string, string>;
    before(async () => {
        const { certificate, key } = await makeLocalCertificate(["api.search.brave.com"]);
        writeFileSync(certificateFile, certificate);
        writeFileSync(keyFile, key);
        upstream = spawn(process.execPath, [join(import.meta.dirname, "braveApi.mjs")], {
            env: {
                ...process.env,
                PORT: "0",
                CERTIFICATE_FILE: certificateFile,
                KEY_FILE: keyFile,
                BRAVE_API_KEY: "test-key",
            },
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [port] = (await once(upstream.stdout!, "data")) as [Buffer];
        environment = {
            BRAVE_API_KEY: "test-key",
            HTTPS_PROXY: `http://127.0.0.1:${String(port).trim()}`,
            NODE_USE_ENV_PROXY: "1",
            NODE_EXTRA_CA_CERTS: certificateFile,
        };
    });
    after(() => {
        upstream.kill();
        rmSync(scratch, { recursive: true });
    });

    describe("over HTTP", () => {
        let server: RunningServer;
        before(async () => {
            const port = { BRAVE_MCP_TRANSPORT: "http", BRAVE_MCP_STATELESS: "true" };
            const script = `process.env.BRAVE_MCP_PORT = process.env.PORT; await import(${JSON.stringify(program)});`;
            const args = [`--import=${join(directory, "endOnSigterm.mjs")}`];
            server = await startHttpServer(
                process.execPath,
                [...args, "--input-type=module", "--eval", script],
                "/ping",
                { ...environment, ...port },
            );
        });

        it("finds what the API has, with every tool", async () => {
            const client = await connect(`http://127.0.0.1:${server.port}/mcp`, "legacy");
            await searchEverything(client);
            await client.close();
        });

        it("ends at SIGTERM, also as process 1, which needs a handler", async () => {
            const ended = once(server.process, "exit");
            server.process.kill("SIGTERM");
            assert.deepEqual(await ended, [0, null]);
        });
    });

    describe("over stdio, behind the bridge", () => {
        let bridge: RunningBridge;
        before(async () => {
            const variables = Object.keys(environment);
            bridge = await startFixture(
                {
                    command: [process.execPath, program],
                    startSeconds: 30,
                    childEnvironment: variables,
                },
                { ...process.env, ...environment },
            );
        });
        after(() => bridge.close());

        for (const mode of ["auto", "legacy"] as const) {
            it(`finds what the API has, with every tool, for a client in mode '${mode}'`, async () => {
                const client = await connect(bridge.url, mode);
                await searchEverything(client);
                await client.close();
            });
        }
    });

    it("passes on what the API says about a wrong key", async () => {
        const bridge = await startFixture(
            {
                command: [process.execPath, program],
                startSeconds: 30,
                childEnvironment: Object.keys(environment),
            },
            { ...process.env, ...environment, BRAVE_API_KEY: "wrong" },
        );
        const client = await connect(bridge.url, "auto");
        const result = await client.callTool({
            name: "brave_web_search",
            arguments: { query: "harbour" },
        });
        assert.equal(result.isError, true);
        assert.match(JSON.stringify(result.content), /SUBSCRIPTION_TOKEN_INVALID/);
        await client.close();
        await bridge.close();
    });

    it("does not start without a key, and says which variable is missing", () => {
        const env = { ...process.env, BRAVE_API_KEY: "" };
        const { status, stderr } = spawnSync(process.execPath, [program], {
            env,
            encoding: "utf8",
        });
        assert.equal(status, 1);
        assert.match(stderr, /BRAVE_API_KEY/);
    });
});
