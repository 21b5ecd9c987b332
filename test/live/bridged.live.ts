import assert from "node:assert/strict";

import { bridgePaths } from "../../components/server/bridge/args.ts";
import { testStack, type TestStack } from "./testStack.ts";
import { bearer, post } from "./post.ts";

const server = "fetch";
const listTools = { method: "tools/list" };

describe("a bridged server", function () {
    this.timeout(300_000);
    let dev: TestStack;
    let url: string;
    let agent: Record<string, string>;

    before(async () => {
        dev = await testStack();
        url = dev.outputs.endpoints[server]!;
        agent = bearer(await dev.token("agent"));
    });

    it("shows the cluster's paths of its bridge to nobody outside", async () => {
        for (const path of bridgePaths.internal) {
            const response = await fetch(beside(url, path), { headers: agent });
            assert.equal(response.status, 404, path);
        }
    });

    it("has a tool for who has its scope, and tells the others what is missing", async () => {
        const { args } = dev.outputs.probes[server]!;
        const call = { method: "tools/call", params: { name: "fetch", arguments: args } };
        const allowed = await post(url, call, agent);
        assert.equal(allowed.status, 200, allowed.text);
        assert.equal("result" in (JSON.parse(allowed.text) as object), true, allowed.text);

        const stranger = bearer(await dev.token("fetch-only"));
        assert.equal((await post(url, listTools, stranger)).status, 200);
        const { status, headers } = await post(url, call, stranger);
        assert.equal(status, 403);
        const challenge = headers.get("www-authenticate") ?? "";
        assert.match(challenge, /error="insufficient_scope"/);
        assert.match(challenge, /scope="mcp:fetch web:fetch"/);
    });

    it("checks arguments before the server sees them", async () => {
        const params = { name: "fetch", arguments: { url: 5 } };
        const { text } = await post(url, { method: "tools/call", params }, agent);
        assert.match(text, /\/url: must be string, got number/);
    });

    it("has its tools as REST, with pages for people", async () => {
        const call = (headers: Record<string, string>) =>
            fetch(beside(url, "/call"), {
                method: "POST",
                headers: { "content-type": "application/json", ...headers },
                body: JSON.stringify({
                    tool_name: "fetch",
                    tool_args: dev.outputs.probes[server]!.args,
                }),
            });
        assert.equal((await call({})).status, 401);
        const called = await call(agent);
        assert.equal(called.status, 200, await called.text());
        const tools = await fetch(beside(url, "/tools"), { headers: agent });
        assert.match(await tools.text(), /"fetch"/);
        const description = await fetch(beside(url, "/openapi.json"), { headers: agent });
        assert.match(await description.text(), /"openapi"/);
        for (const path of bridgePaths.pages) {
            const page = await fetch(beside(url, path));
            assert.equal(page.status, 200, path);
            assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
        }
    });
});

/** A path of the server beside its MCP endpoint. */
function beside(url: string, path: string): string {
    return url.replace(/\/mcp$/, path);
}
