import assert from "node:assert/strict";

import { ApisixGateway, type ApisixGatewayArgs } from "../../../../components/index.ts";
import { identityHeaders } from "../../../../components/gateways/headers.ts";
import { kindOf, recordResources } from "../../../support/recordResources.ts";
import { buildRoute, buildRoutingArgs } from "../routingArgs.ts";
import { type EdgeRequest, type Outcome, PluginChain, type Verdict } from "./pluginChain.ts";

const metadata = "https://mcp.example.org/.well-known/oauth-protected-resource/weather/mcp";
const challenge = `Bearer resource_metadata="${metadata}", scope="mcp:weather"`;
const stepUp = `Bearer error="insufficient_scope", ${challenge.slice(7)}`;

/** Knows the tokens `<server>` (good), `<server>-unscoped`, and `down`, when the issuer's keys are unknown. */
const verdict: Verdict = (authorization, server): ReturnType<Verdict> => {
    const token = authorization?.replace("Bearer ", "");
    if (token === server || token === `${server}-other`) {
        const caller = { "X-Auth-Subject": token, "X-Auth-Client": "agent" };
        return { status: 204, headers: { ...caller, "X-Auth-Scopes": `mcp:${server}` } };
    }
    if (token === `${server}-unscoped`) {
        return { status: 403, headers: { "WWW-Authenticate": stepUp } };
    }
    if (token === "down") return { status: 503, headers: { "Retry-After": "2" } };
    return { status: 401, headers: { "WWW-Authenticate": challenge, Server: "verifier" } };
};

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const call = (token: string, headers: Record<string, string> = {}, path = "/weather/mcp") => ({
    path,
    headers: { ...bearer(token), ...headers },
});

const modern = (tool: string) => ({
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": tool,
});

interface Case {
    name: string;
    request: EdgeRequest;
    /** Answer of APISIX; 200 stands for a request that reached the server. */
    status: number;
    headers?: Record<string, string>;
    /** Path, and headers, that the server sees; undefined headers must be absent. */
    upstream?: { path: string; headers?: Record<string, string | undefined> };
}

const cases: Case[] = [
    {
        name: "a call with its token: the server learns the caller, not the token",
        request: call("weather"),
        status: 200,
        headers: { "x-request-id": "id", "access-control-allow-origin": "*" },
        upstream: {
            path: "/mcp",
            headers: {
                "x-auth-subject": "weather",
                "x-auth-client": "agent",
                "x-auth-scopes": "mcp:weather",
                "x-forwarded-prefix": "/weather",
                authorization: undefined,
            },
        },
    },
    {
        name: "no token",
        request: { path: "/weather/mcp" },
        status: 401,
        headers: { "www-authenticate": challenge, "access-control-allow-origin": "*" },
    },
    {
        name: "a token of another server",
        request: call("maps"),
        status: 401,
        headers: { "www-authenticate": challenge },
    },
    {
        name: "a token without the scope",
        request: call("weather-unscoped"),
        status: 403,
        headers: { "www-authenticate": stepUp },
    },
    {
        name: "a verifier without keys",
        request: call("down"),
        status: 503,
        headers: { "retry-after": "2" },
    },
    {
        name: "a preflight request, before any token",
        request: {
            method: "OPTIONS",
            path: "/weather/mcp",
            headers: { Origin: "https://a.example" },
        },
        status: 200,
        headers: { "access-control-allow-origin": "*" },
    },
    {
        name: "a page of an origin that is not allowed",
        request: call("maps", { Origin: "https://evil.example" }, "/maps/mcp"),
        status: 200,
        headers: {},
    },
    {
        name: "a longer name with the same start",
        request: call("weather", {}, "/weather/mcpx"),
        status: 404,
    },
    { name: "the server's own paths", request: call("weather", {}, "/weather/admin"), status: 404 },
    {
        name: "a method that MCP does not have",
        request: { ...call("weather"), method: "PUT" },
        status: 404,
    },
    { name: "another host", request: { ...call("weather"), host: "evil.example" }, status: 404 },
    {
        name: "a body that is too large, before the token is looked at",
        request: { path: "/weather/mcp", headers: { "Content-Length": "4194305" } },
        status: 413,
    },
    {
        name: "an open page, where a token and a forged caller are removed",
        request: {
            method: "GET",
            path: "/weather/docs",
            headers: { ...bearer("weather"), "X-Auth-Subject": "admin" },
        },
        status: 200,
        upstream: {
            path: "/docs",
            headers: { authorization: undefined, "x-auth-subject": undefined },
        },
    },
    {
        name: "a path below an end of line",
        request: call("weather", {}, "/weather/mcp/\nx"),
        status: 200,
        upstream: { path: "/mcp/\nx" },
    },
];

const args: ApisixGatewayArgs = {
    ...buildRoutingArgs([
        buildRoute("weather", { openPaths: ["/docs"] }),
        buildRoute("maps", {
            cors: { origins: ["https://a.example", "https://b.example"] },
            stripPrefix: false,
        }),
    ]),
    toolLimits: [{ server: "weather", tools: ["forecast"], calls: 2, seconds: 60 }],
};

async function render(parts: Partial<ApisixGatewayArgs> = {}) {
    const recording = await recordResources(() => {
        new ApisixGateway("gateway", { ...args, ...parts });
    });
    return recording
        .filter((one) => kindOf(one) === "ApisixRoute")
        .flatMap(({ inputs }) => inputs.spec.http);
}

function assertOutcome(outcome: Outcome, { status, headers = {}, upstream }: Case): void {
    assert.equal(outcome.status, status);
    for (const [name, value] of Object.entries(headers)) {
        assert.equal(outcome.headers[name], value, name);
    }
    if (status !== 200) assert.equal(outcome.upstream, undefined);
    if (upstream === undefined) return;
    assert.equal(outcome.upstream?.path, upstream.path);
    for (const [name, value] of Object.entries(upstream.headers ?? {})) {
        assert.equal(outcome.upstream?.headers[name], value, name);
    }
}

for (const authInRewrite of [false, true]) {
    const phase = authInRewrite ? "rewrite" : "access";
    describe(`rendered ApisixRoutes in a model of APISIX, forward-auth in its ${phase} phase`, () => {
        let chain: PluginChain;

        before(async () => (chain = new PluginChain(await render(), verdict, authInRewrite)));

        for (const one of cases) {
            it(`answers ${one.status} to ${one.name}`, () => {
                assertOutcome(chain.send(one.request), one);
            });
        }

        it("serves the RFC 9728 document itself", () => {
            const path = new URL(metadata).pathname;
            const { status, headers, body, upstream } = chain.send({ method: "GET", path });
            assert.equal(status, 200);
            assert.equal(headers["content-type"], "application/json");
            assert.equal(upstream, undefined);
            const issuer = "https://auth.example.org/realms/tools";
            assert.deepEqual(JSON.parse(body!).authorization_servers, [issuer]);
        });

        it("lets no client forge an identity header", () => {
            const forged = Object.fromEntries(identityHeaders.map((name) => [name, "admin"]));
            const { upstream } = chain.send(
                call("weather", { ...forged, "X-Auth-Subject": "admin" }),
            );
            const passed = Object.entries(upstream!.headers).filter(
                ([, value]) => value === "admin",
            );
            assert.deepEqual(passed, []);
            assert.equal(upstream!.headers["x-auth-subject"], "weather");
        });

        it("counts calls of a limited tool by caller, encoded names included", async () => {
            const own = new PluginChain(await render(), verdict, authInRewrite);
            const encoded = `=?base64?${Buffer.from("forecast").toString("base64")}?=`;
            const statuses = [
                own.send(call("weather", modern("forecast"))),
                own.send(call("weather", modern(encoded))),
                own.send(call("weather", modern("forecast"))),
                own.send(call("weather-other", modern("forecast"))),
                own.send(call("weather", modern("alerts"))),
            ].map(({ status, rule }) => [status, rule]);
            assert.deepEqual(statuses, [
                [200, "weather-tools-1"],
                [200, "weather-tools-1"],
                [429, "weather-tools-1"],
                [200, "weather-tools-1"],
                [200, "weather-mcp"],
            ]);
        });

        it("requires a token for a limited tool as well", () => {
            const headers = modern("forecast");
            const { status } = chain.send({ path: "/weather/mcp", headers });
            assert.equal(status, 401);
        });
    });
}

describe("rendered ApisixRoutes with openid-connect in a model of APISIX", () => {
    it("answers a missing or wrong token with the challenge, and has none for a missing scope", async () => {
        const chain = new PluginChain(await render({ authentication: "jwks" }), verdict);
        for (const headers of [{}, bearer("maps")]) {
            const refused = chain.send({ path: "/weather/mcp", headers });
            assert.equal(refused.status, 401);
            assert.equal(refused.headers["www-authenticate"], challenge);
        }
        const unscoped = chain.send(call("weather-unscoped"));
        assert.equal(unscoped.status, 403);
        assert.equal(unscoped.headers["www-authenticate"], undefined);
    });

    it("passes token and claims to the server, and no caller that a client claims", async () => {
        const chain = new PluginChain(await render({ authentication: "jwks" }), verdict);
        const { upstream } = chain.send(
            call("weather", { "X-Auth-Subject": "admin", "X-Userinfo": "admin" }),
        );
        assert.equal(upstream?.headers["x-userinfo"], "claims");
        assert.equal(upstream.headers["x-auth-subject"], undefined);
        assert.equal(upstream.headers["authorization"], "Bearer weather");
    });
});
