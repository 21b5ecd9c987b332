import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Validator } from "@seriousme/openapi-schema-validator";

import { startHttpServer, type RunningServer } from "../../../test/support/pythonServer.ts";
import { copyPages } from "../copyPages.ts";

const program = join(import.meta.dirname, "..", "src", "main.ts");
const pages = mkdtempSync(join(tmpdir(), "greeter-"));

const start = (environment: Record<string, string> = {}): Promise<RunningServer> =>
    startHttpServer(process.execPath, [program], "/health", { PAGES: pages, ...environment });

async function stop({ process: child }: RunningServer): Promise<void> {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
}

async function connect(port: number, path: string, mode: "auto" | "legacy"): Promise<Client> {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const url = new URL(`http://127.0.0.1:${port}${path}`);
    await client.connect(new StreamableHTTPClientTransport(url));
    return client;
}

async function say(client: Client, name: string, userName: unknown): Promise<string> {
    const { content } = await client.callTool({ name, arguments: { userName } });
    return (content as unknown as [{ text: string }])[0].text;
}

const post = (port: number, body: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}/math/tools/add`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
    });

describe("greeter", () => {
    let server: RunningServer;
    const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;
    before(async () => {
        copyPages(pages);
        server = await start({ ALLOWED_ORIGINS: "https://app.example.org" });
    });
    after(async () => {
        await stop(server);
        rmSync(pages, { recursive: true });
    });

    const greetings = [
        ["greet", "echoHai", "Hello, Ada!"],
        ["bye", "echoBye", "Bye, Ada!"],
    ] as const;
    for (const [name, tool, sentence] of greetings) {
        for (const mode of ["auto", "legacy"] as const) {
            it(`says '${sentence}' at /${name} to a client in mode '${mode}'`, async () => {
                for (const path of [`/${name}`, `/${name}/mcp`]) {
                    const client = await connect(server.port, path, mode);
                    assert.equal(client.getServerVersion()?.name, name);
                    const { tools } = await client.listTools();
                    assert.deepEqual(
                        tools.map((one) => one.name),
                        [tool],
                    );
                    assert.equal(await say(client, tool, "Ada"), sentence);
                    assert.match(await say(client, tool, ""), /userName/);
                    await client.close();
                }
            });
        }
    }

    it("adds numbers over REST", async () => {
        const response = await post(server.port, '{"a": 0.5, "b": -2}');
        assert.deepEqual([response.status, await response.json()], [200, { result: -1.5 }]);
    });

    const refused: [string, unknown][] = [
        ['{"a": 1}', ["body", "b"]],
        ['{"a": 1, "b": "2"}', ["body", "b"]],
        ['{"a": 1, "b": 2, "c": 3}', ["body"]],
        ["{", ["body"]],
        ["[]", ["body"]],
    ];
    for (const [body, loc] of refused) {
        it(`refuses ${body} with 422 and says where`, async () => {
            const response = await post(server.port, body);
            const { detail } = (await response.json()) as { detail: { loc: unknown }[] };
            assert.deepEqual([response.status, detail[0]?.loc], [422, loc]);
        });
    }

    it("refuses a body of more than a mebibyte", async () => {
        assert.equal((await post(server.port, `"${"x".repeat(1024 * 1024)}"`)).status, 413);
    });

    it("documents the REST API, and shows it as Swagger UI and ReDoc", async () => {
        const document = (await (await fetch(at("/openapi.json"))).json()) as {
            paths: Record<string, { post: { responses: object } }>;
        };
        const { valid, errors } = await new Validator().validate(document);
        assert.ok(valid, JSON.stringify(errors));
        const { responses } = document.paths["/math/tools/add"]!.post;
        assert.deepEqual(Object.keys(responses), ["200", "422", "429"]);
        for (const page of ["/docs", "/redoc"]) {
            const html = await (await fetch(at(page))).text();
            const files = [...html.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(
                ([, file]) => file,
            );
            assert.ok(files.length >= 2);
            for (const file of files) assert.equal((await fetch(at(`/${file}`))).status, 200, file);
        }
    });

    it("counts calls and their duration by server and tool", async () => {
        await post(server.port, '{"a": 1, "b": 2}');
        const text = await (await fetch(at("/metrics"))).text();
        assert.match(text, /^mcp_tool_calls_total\{server="math",tool="add"\} [1-9]/m);
        assert.match(text, /^mcp_tool_calls_total\{server="greet",tool="echoHai"\} [1-9]/m);
        assert.match(
            text,
            /^mcp_tool_call_duration_seconds_bucket\{le="0.1",server="bye",tool="echoBye"\} [1-9]/m,
        );
    });

    it("logs who called which tool, without the arguments", async () => {
        const caller = {
            "x-auth-subject": "sub-1",
            "x-auth-client": "agent",
            "x-request-id": "r1",
        };
        await post(server.port, '{"a": 417, "b": 2}', caller);
        const lines = server.log().trim().split("\n");
        const calls = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        const { time, ms, ...call } = calls.findLast(({ event }) => event === "tool_called") ?? {};
        assert.ok(typeof time === "string" && typeof ms === "number");
        assert.deepEqual(call, {
            level: "info",
            event: "tool_called",
            server: "math",
            tool: "add",
            subject: "sub-1",
            client: "agent",
            requestId: "r1",
            outcome: "succeeded",
        });
        assert.doesNotMatch(server.log(), /417/);
    });

    it("lets pages of allowed origins call, and no others", async () => {
        const ask = async (origin: string) => {
            const headers = { origin, "access-control-request-method": "POST" };
            const response = await fetch(at("/math/tools/add"), { method: "OPTIONS", headers });
            return response.headers.get("access-control-allow-origin");
        };
        assert.equal(await ask("https://app.example.org"), "https://app.example.org");
        assert.equal(await ask("https://evil.example.org"), null);
    });

    it("limits the rate of each caller on its own", async () => {
        const own = await start({ REQUESTS_PER_MINUTE: "2" });
        const send = (subject: string) =>
            post(own.port, '{"a": 1, "b": 2}', { "x-auth-subject": subject });
        const statuses = [];
        for (const who of ["ada", "ada", "ada", "bob"]) statuses.push((await send(who)).status);
        assert.deepEqual(statuses, [200, 200, 429, 200]);
        const refusal = await send("ada");
        assert.ok(Number(refusal.headers.get("retry-after")) > 0);
        await stop(own);
    });

    it("serves only the hosts it is told, when it is told any", async () => {
        const own = await start({ ALLOWED_HOSTS: "mcp.example.org" });
        assert.equal((await post(own.port, "{}")).status, 403);
        await stop(own);
    });

    it("keeps serving the others when one server cannot start, and says so in /health", async () => {
        const own = await start({ BYE_TEXT: "Bye!" });
        const health = await fetch(`http://127.0.0.1:${own.port}/health`);
        assert.deepEqual(
            [health.status, await health.json()],
            [
                200,
                {
                    status: "degraded",
                    servers: {
                        greet: { status: "serving" },
                        bye: {
                            status: "failed",
                            reason: "the text of 'bye' must contain {userName}, got 'Bye!'",
                        },
                    },
                },
            ],
        );
        const client = await connect(own.port, "/greet", "auto");
        assert.equal(await say(client, "echoHai", "Ada"), "Hello, Ada!");
        await client.close();
        const refused = await fetch(`http://127.0.0.1:${own.port}/bye`, { method: "POST" });
        assert.equal(refused.status, 503);
        assert.match(await refused.text(), /server 'bye' does not serve: the text of 'bye'/);
        const metrics = await (await fetch(`http://127.0.0.1:${own.port}/metrics`)).text();
        assert.match(metrics, /^mcp_server_serving\{server="bye"\} 0/m);
        await stop(own);
    });

    it("names every wrong setting at once", () => {
        const env = { ...process.env, PORT: "x", REQUESTS_PER_MINUTE: "0", ALLOWED_ORIGINS: "app" };
        const { status, stderr } = spawnSync(process.execPath, [program], {
            env,
            encoding: "utf8",
        });
        assert.equal(status, 2);
        assert.deepEqual(stderr.match(/^\w+(?=: must)/gm)?.sort(), [
            "ALLOWED_ORIGINS",
            "PORT",
            "REQUESTS_PER_MINUTE",
        ]);
    });
});
