import assert from "node:assert/strict";
import { callTool, post } from "./support/post.ts";
import { enterSession } from "./support/enterSession.ts";
import { startReplicas } from "./support/startReplicas.ts";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";
import { resource, startIssuer, issuerName, type Issuer } from "./support/issuer.ts";
import { until } from "./support/until.ts";

const page = "https://inspector.example.org";
const evil = "https://evil.example.org";
const exposed = "ETag, Mcp-Session-Id, Retry-After, WWW-Authenticate";
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const metadataPath = "/.well-known/oauth-protected-resource/mcp";
const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
};
const modern = (method: string) => ({ "mcp-protocol-version": "2026-07-28", "mcp-method": method });

interface Way {
    method?: string;
    path: string;
    headers?: Record<string, string>;
    body?: unknown;
    status: number;
    /** Whether a session's id is to be sent. */
    session?: boolean;
    /** Whether anyone may ask, so that the origin makes no difference to the status. */
    open?: boolean;
}

const clientInfo = { name: "page", version: "1" };
const initialize = {
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
};
const progress = callTool("progress", { steps: 2 }, { progressToken: "p" });
const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
const call = { tool_name: "echo", tool_args: { value: "x" } };
const discover = { jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: meta } };
const listen = { ...discover, method: "subscriptions/listen" };

/** Every kind of answer that a page can get. */
const ways: Record<string, Way> = {
    initialize: { method: "POST", path: "/mcp", headers: json, body: initialize, status: 200 },
    "a call": { method: "POST", path: "/mcp", headers: json, body: callTool("echo"), status: 200 },
    "a streamed call": { method: "POST", path: "/mcp", headers: json, body: progress, status: 200 },
    "a notification": {
        ...{ method: "POST", path: "/mcp", headers: json, body: notification, status: 202 },
        session: true,
    },
    "an unknown session": {
        ...{ method: "POST", path: "/mcp", body: callTool("echo"), status: 404 },
        headers: { ...json, "mcp-session-id": "unknown" },
    },
    "a stream of a session": {
        ...{ path: "/mcp", headers: { accept: "text/event-stream" }, status: 200, session: true },
    },
    "the end of a session": { method: "DELETE", path: "/mcp", status: 204, session: true },
    "server/discover": {
        ...{ method: "POST", path: "/mcp", body: discover, status: 200 },
        headers: { ...json, ...modern("server/discover") },
    },
    "a refused request of 2026-07-28": {
        ...{ method: "POST", path: "/mcp", body: listen, status: 200 },
        headers: { ...json, ...modern("subscriptions/listen") },
    },
    "no JSON": { method: "POST", path: "/mcp", headers: json, body: "{", status: 400 },
    "the list of tools": { path: "/tools", status: 200 },
    "the OpenAPI document": { path: "/openapi.json", status: 200 },
    "a call by REST": { method: "POST", path: "/call", headers: json, body: call, status: 200 },
    "a call by REST that fails": {
        ...{ method: "POST", path: "/tools/nothing", headers: json, body: {}, status: 404 },
    },
    "a wrong method by REST": { method: "DELETE", path: "/tools", status: 405 },
    "what is not there": { path: "/nothing", status: 404, open: true },
};

function corsOf(headers: Headers): Record<string, string> {
    return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

function variesBy(headers: Headers): string[] {
    return (headers.get("vary") ?? "").toLowerCase().split(", ");
}

async function send(bridge: RunningBridge, way: Way, origin?: string) {
    const { method = "GET", path, headers = {}, body, session } = way;
    const own = session === true ? await enterSession(bridge.url) : {};
    const stop = new AbortController();
    const response = await fetch(new URL(path, bridge.url), {
        method,
        headers: { ...headers, ...own, ...(origin !== undefined && { origin }) },
        body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
        signal: stop.signal,
    });
    stop.abort();
    return response;
}

const preflight = (url: string | URL, origin: string, asked = "", method = "POST") =>
    fetch(url, {
        method: "OPTIONS",
        headers: {
            origin,
            "access-control-request-method": method,
            ...(asked !== "" && { "access-control-request-headers": asked }),
        },
    });

describe("CORS of a bridge without a gateway", () => {
    let bridge: RunningBridge;
    let open: RunningBridge;
    let without: RunningBridge;
    before(async () => {
        bridge = await startFixture({ corsOrigins: [page, "https://other.example.org"] });
        open = await startFixture({ corsOrigins: ["*"] });
        without = await startFixture({ allowedOrigins: [page] });
        for (const one of [bridge, open, without]) {
            await until(() => one.child.description !== undefined);
        }
    });
    after(() => Promise.all([bridge, open, without].map((one) => one.close())));

    for (const [what, way] of Object.entries(ways)) {
        it(`lets a page of a configured origin read ${what}`, async () => {
            const { status, headers } = await send(bridge, way, page);
            assert.equal(status, way.status);
            assert.deepEqual(corsOf(headers), {
                "access-control-allow-origin": page,
                "access-control-expose-headers": exposed,
            });
            assert.ok(variesBy(headers).includes("origin"));
        });

        it(`keeps ${what} from a page of another origin, and says that origins differ`, async () => {
            const { status, headers } = await send(bridge, way, evil);
            assert.equal(status, way.open === true ? way.status : 403);
            assert.deepEqual(corsOf(headers), {});
            assert.ok(variesBy(headers).includes("origin"));
        });

        it(`gives ${what} to who is no page, without a header of CORS`, async () => {
            const { status, headers } = await send(bridge, way);
            assert.equal(status, way.status);
            assert.deepEqual(corsOf(headers), {});
            assert.ok(variesBy(headers).includes("origin"));
        });

        it(`lets any page read ${what} where every origin is configured`, async () => {
            const { status, headers } = await send(open, way, evil);
            assert.equal(status, way.status);
            assert.deepEqual(corsOf(headers), {
                "access-control-allow-origin": "*",
                "access-control-expose-headers": exposed,
            });
        });

        it(`adds nothing to ${what} where a gateway does`, async () => {
            const { status, headers } = await send(without, way, page);
            assert.equal(status, way.status);
            assert.deepEqual(corsOf(headers), {});
        });
    }

    for (const path of ["/mcp", "/tools", "/tools/echo", "/call", "/openapi.json", "/docs"]) {
        it(`answers the preflight of ${path} of a configured origin, and of no other`, async () => {
            const url = new URL(path, bridge.url);
            const asked = "authorization,content-type,Mcp-Param-Region, mcp-param-x,x-auth-subject";
            const { status, headers } = await preflight(url, page, asked);
            assert.equal(status, 204);
            const { "access-control-allow-headers": allowed = "", ...others } = corsOf(headers);
            assert.deepEqual(others, {
                "access-control-allow-origin": page,
                "access-control-allow-methods": "GET, HEAD, POST, DELETE",
                "access-control-max-age": "7200",
            });
            const names = allowed.toLowerCase().split(", ");
            for (const name of [
                ...["authorization", "content-type", "mcp-session-id", "mcp-protocol-version"],
                ...["last-event-id", "mcp-method", "mcp-name", "mcp-param-region", "mcp-param-x"],
            ]) {
                assert.ok(names.includes(name), name);
            }
            // Nobody but a gateway says who calls.
            assert.ok(!names.includes("x-auth-subject"));
            assert.deepEqual(variesBy(headers), ["origin", "access-control-request-headers"]);
            for (const origin of [evil, `${page}.evil.org`, "null", page.toUpperCase()]) {
                const refused = await preflight(url, origin, asked);
                assert.ok(refused.status >= 400, origin);
                assert.deepEqual(corsOf(refused.headers), {}, origin);
            }
        });
    }

    it("comes once on an answer that another replica gave", async () => {
        const [opening, other] = ["127.0.0.2", "127.0.0.3"] as const;
        const replicas = await startReplicas([opening, other], { corsOrigins: [page] });
        try {
            const [a, b] = [replicas.at[opening], replicas.at[other]] as RunningBridge[];
            const session = await enterSession(a?.url ?? "", { roots: {} });
            const headers = { ...session, origin: page };
            const answer = await post(b?.url ?? "", callTool("echo"), { headers });
            assert.equal(answer.status, 200);
            assert.equal(a?.log.filter(({ name }) => name === "echo").length, 1);
            assert.deepEqual(corsOf(answer.headers), {
                "access-control-allow-origin": page,
                "access-control-expose-headers": exposed,
            });
        } finally {
            await replicas.close();
        }
    });

    it("says nothing of probes and metrics", async () => {
        for (const path of ["/livez", "/readyz", "/health", "/metrics"]) {
            for (const one of [bridge, open]) {
                const { status, headers } = await send(one, { path, status: 200 }, page);
                assert.equal(status, 200);
                assert.deepEqual(corsOf(headers), {});
            }
        }
    });
});

describe("CORS of a bridge that takes tokens", () => {
    let issuer: Issuer;
    let bridge: RunningBridge;
    before(async () => {
        issuer = await startIssuer();
        bridge = await startFixture({
            ...{ corsOrigins: [page], identity: "token", issuer: issuerName },
            ...{ jwksUri: issuer.jwksUri, audience: resource, scopes: ["mcp:add"] },
        });
        const { origin } = new URL(bridge.url);
        await until(async () => (await fetch(`${origin}/readyz`)).status === 200);
    });
    after(async () => {
        await bridge.close();
        await issuer.stop();
    });

    it("answers preflights without a token", async () => {
        for (const path of ["/mcp", "/call", metadataPath]) {
            const url = new URL(path, bridge.url);
            const { status, headers } = await preflight(url, page, "authorization");
            assert.equal(status, 204, path);
            assert.match(headers.get("access-control-allow-headers") ?? "", /Authorization/);
        }
    });

    it("lets a page read the challenge, and then call with a token", async () => {
        for (const path of ["/mcp", "/tools"]) {
            const method = path === "/mcp" ? "POST" : "GET";
            const way = { method, path, headers: json, status: 401 };
            const body = method === "POST" ? { body: callTool("echo") } : {};
            const { status, headers } = await send(bridge, { ...way, ...body }, page);
            assert.equal(status, 401);
            assert.match(headers.get("www-authenticate") ?? "", /^Bearer /);
            assert.equal(headers.get("access-control-allow-origin"), page);
            assert.match(headers.get("access-control-expose-headers") ?? "", /WWW-Authenticate/);
        }
        const authorization = `Bearer ${await issuer.sign()}`;
        const headers = { origin: page, authorization };
        const { status, headers: got } = await post(bridge.url, callTool("echo"), { headers });
        assert.equal(status, 200);
        assert.equal(got.get("access-control-allow-origin"), page);
    });

    it("lets every page read who issues tokens, and a configured one ask with a header", async () => {
        for (const origin of [page, evil]) {
            const way = { path: metadataPath, status: 200 };
            const { status, headers } = await send(bridge, way, origin);
            assert.equal(status, 200);
            assert.equal(headers.get("access-control-allow-origin"), "*");
        }
        const url = new URL(metadataPath, bridge.url);
        const { headers } = await preflight(url, page, "mcp-protocol-version", "GET");
        assert.equal(headers.get("access-control-allow-origin"), "*");
        assert.match(headers.get("access-control-allow-headers") ?? "", /MCP-Protocol-Version/);
    });
});
