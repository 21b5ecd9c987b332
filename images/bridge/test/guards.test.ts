import assert from "node:assert/strict";
import { request } from "node:http";
import { callTool, post, postModern } from "./support/post.ts";
import { startFixture, type LogEntry, type RunningBridge } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

/** Fetch sets Host itself, so these requests are made below it. */
function postAs(bridge: RunningBridge, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
        const outgoing = request(
            bridge.url,
            { method: "POST", headers: { "content-type": "application/json", ...headers } },
            (response) => {
                response.resume();
                resolve(response.statusCode ?? 0);
            },
        );
        outgoing.once("error", reject).end(JSON.stringify(ping));
    });
}

describe("what the endpoint refuses", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({
            allowedHosts: ["mcp.example.org", "exact.example.org:8443"],
            allowedOrigins: ["https://inspector.example.net"],
        });
    });
    after(() => bridge.close());

    const hosts: [string, number][] = [
        ["mcp.example.org", 200],
        ["MCP.example.org:30443", 200],
        ["exact.example.org:8443", 200],
        ["exact.example.org", 403],
        ["localhost:1", 200],
        ["evil.example.org", 403],
        ["mcp.example.org.evil.org", 403],
    ];
    for (const [host, status] of hosts) {
        it(`answers ${status} to Host '${host}'`, async () => {
            assert.equal(await postAs(bridge, { host }), status);
        });
    }

    const origins: [string, number][] = [
        ["https://mcp.example.org", 200],
        ["https://inspector.example.net", 200],
        ["http://localhost:6274", 200],
        ["https://evil.example.org", 403],
        ["null", 403],
    ];
    for (const [origin, status] of origins) {
        it(`answers ${status} to Origin '${origin}'`, async () => {
            assert.equal(await postAs(bridge, { host: "localhost", origin }), status);
        });
    }

    it("takes any Origin when told so, and still no other Host", async () => {
        const open = await startFixture({ allowedOrigins: ["*"] });
        try {
            const origin = "https://anyone.example.org";
            assert.equal(await postAs(open, { host: "localhost", origin }), 200);
            assert.equal(await postAs(open, { host: "anyone.example.org", origin }), 403);
        } finally {
            await open.close();
        }
    });

    for (const method of ["GET", "DELETE", "PUT"]) {
        it(`answers 405 to ${method}: there is no session to open a stream of or to end`, async () => {
            const response = await fetch(bridge.url, { method });
            assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
        });
    }

    const refused: [string, unknown, Record<string, string>, number, number][] = [
        ["another content type", ping, { "content-type": "text/plain" }, 415, -32600],
        ["a client that takes no answer", ping, { accept: "image/png" }, 406, -32600],
        ["what is not JSON", "{", {}, 400, -32700],
        ["what is no message", { hello: 1 }, {}, 400, -32600],
        ["a batch", [ping], {}, 400, -32600],
        ["an unknown version", ping, { "mcp-protocol-version": "2020-01-01" }, 400, -32600],
        ["a session no bridge gave", ping, { "mcp-session-id": "../../x" }, 404, -32600],
    ];
    for (const [what, message, headers, status, code] of refused) {
        it(`refuses ${what} with ${status}`, async () => {
            const answer = await post(bridge.url, message, { headers });
            assert.deepEqual([answer.status, answer.last.error.code], [status, code]);
        });
    }

    it("takes 3 MiB and refuses 5 MiB with JSON, announced or not", async () => {
        const sized = (mebibytes: number) =>
            callTool("echo", { value: "x".repeat(mebibytes * 1024 * 1024) });
        assert.equal((await post(bridge.url, sized(3))).status, 200);
        const announced = await post(bridge.url, sized(5));
        assert.deepEqual([announced.status, announced.last.error.code], [413, -32600]);
        const status = await new Promise((resolve, reject) => {
            const outgoing = request(bridge.url, {
                method: "POST",
                headers: { "content-type": "application/json" },
            });
            outgoing.once("response", ({ statusCode }) => resolve(statusCode));
            outgoing.once("error", reject);
            outgoing.write(JSON.stringify(sized(5)));
        });
        assert.equal(status, 413);
    });

    it("refuses the 1001st call at once with 503, and takes calls again when some are gone", async () => {
        const own = await startFixture();
        const going = new AbortController();
        const params = { name: "sleep", arguments: { ms: 600_000 } };
        const calls = Array.from({ length: 1000 }, () =>
            postModern(own.url, "tools/call", params, { signal: going.signal }),
        );
        try {
            await until(() => own.counts().inFlight === 1000, 20_000);
            const { status, headers } = await post(own.url, ping);
            assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
            assert.equal((await fetch(new URL("/readyz", own.url))).status, 200);
        } finally {
            going.abort();
            await Promise.allSettled(calls);
        }
        await until(() => own.counts().inFlight === 0);
        assert.equal((await post(own.url, ping)).status, 200);
        await own.close();
    });

    it("answers probes whatever the Host, and nothing elsewhere", async () => {
        const { origin } = new URL(bridge.url);
        const paths = ["/livez", "/readyz", "/health", "/", "/mcp/", "/mcpx"];
        const statuses = await Promise.all(
            paths.map(async (path) => (await fetch(`${origin}${path}`)).status),
        );
        assert.deepEqual(statuses, [200, 200, 200, 404, 404, 404]);
    });

    it("writes one line about a call, without what was said", async () => {
        const before = bridge.log.length;
        await post(bridge.url, callTool("echo", { value: "confidential" }), {
            headers: { "x-request-id": "r-1", authorization: "Bearer t" },
        });
        const lines = bridge.log.slice(before);
        assert.equal(lines.length, 1);
        const { durationMs, ...line }: Partial<LogEntry> = lines[0] ?? {};
        assert.ok(Number(durationMs) >= 0);
        assert.deepEqual(line, {
            level: "info",
            event: "call",
            server: "fixture",
            method: "tools/call",
            name: "echo",
            era: "legacy",
            outcome: "ok",
            code: undefined,
            subject: undefined,
            client: undefined,
            requestId: "r-1",
            traceId: undefined,
        });
    });
});
