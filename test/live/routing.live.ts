import assert from "node:assert/strict";

import { testStack } from "./testStack.ts";
import { addNumbers, bearer, post } from "./post.ts";

describe("the gateway", () => {
    it("does not take a longer name for a server's prefix", async () => {
        const { outputs, token } = await testStack();
        const headers = bearer(await token("agent"));
        for (const path of ["/add-numbersx/mcp", "/add-numbersx", "/add-numbers/mcpx", "/"]) {
            const url = new URL(path, outputs.endpoints["add-numbers"]).href;
            assert.equal((await post(url, addNumbers, headers)).status, 404, path);
        }
    });

    it("lets no client say who it is, and passes no token on", async () => {
        const { outputs, token } = await testStack();
        const forged = {
            "x-auth-subject": "forged",
            "x-auth-client": "forged",
            "x-auth-scopes": "forged",
            "x-auth-request-user": "forged",
            "x-userinfo": "forged",
            "x-forwarded-user": "forged",
            "x-forwarded-email": "forged",
            "remote-user": "forged",
        };
        const accessToken = await token("agent");
        const { status, text } = await post(
            outputs.endpoints["probe-server"]!,
            { method: "tools/call", params: { name: "request_headers", arguments: {} } },
            { ...forged, ...bearer(accessToken) },
        );
        assert.equal(status, 200, text);
        assert.match(text, /x-auth-subject/i);
        assert.doesNotMatch(text, /forged/);
        assert.doesNotMatch(text, /\bauthorization\b/i, "the server saw the caller's token");
    });

    it("serves a server at the root of a host of its own, and nothing else there", async () => {
        const { outputs, token } = await testStack();
        const url = outputs.endpoints["probe-server"]!;
        const { origin, port } = new URL(outputs.endpoints["add-numbers"]!);
        assert.equal(url, `https://127.0.0.1:${port}/mcp`);
        const headers = bearer(await token("agent"));
        const listTools = { method: "tools/list" };
        assert.equal((await post(url, listTools, headers)).status, 200);
        assert.equal((await post(`${origin}/mcp`, listTools, headers)).status, 404);
        const other = `https://127.0.0.1:${port}/add-numbers/mcp`;
        assert.equal((await post(other, listTools, headers)).status, 404);

        const stranger = await post(url, listTools, bearer(await token("add-numbers-only")));
        assert.equal(stranger.status, 401);
        const document = `https://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp`;
        const challenge = stranger.headers.get("www-authenticate") ?? "";
        assert.ok(challenge.includes(`resource_metadata="${document}"`), challenge);
        const metadata = (await (await fetch(document)).json()) as { resource: string };
        assert.equal(metadata.resource, url);
    });

    it("tells a browser's preflight what it may send, without asking for a token", async () => {
        const { outputs } = await testStack();
        const response = await fetch(outputs.endpoints["add-numbers"]!, {
            method: "OPTIONS",
            headers: {
                origin: "https://inspector.example.org",
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization,mcp-protocol-version",
            },
        });
        assert.ok(response.ok, String(response.status));
        const allowed = response.headers.get("access-control-allow-headers") ?? "";
        for (const header of ["authorization", "mcp-protocol-version", "mcp-method", "mcp-name"]) {
            assert.ok(allowed.toLowerCase().includes(header), header);
        }
    });
});
