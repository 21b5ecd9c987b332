import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { enterSession } from "../support/enterSession.ts";
import { post, postModern, type Answered } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";

/** The cursor of the server's second page, which only the server can read. */
const cursor = '=/?&ž "p"2';

describe("a list in pages", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    const list = (params: JsonObject) => ({ jsonrpc: "2.0", id: 1, method: "tools/list", params });
    const clients: Record<string, (params: JsonObject) => Promise<Answered>> = {
        "no session": (params) => post(bridge.url, list(params)),
        "a session": async (params) =>
            post(bridge.url, list(params), { headers: await enterSession(bridge.url) }),
        "a process of its own": async (params) =>
            post(bridge.url, list(params), {
                headers: await enterSession(bridge.url, { roots: {} }),
            }),
        "2026-07-28": (params) => postModern(bridge.url, "tools/list", params),
    };
    for (const [who, ask] of Object.entries(clients)) {
        it(`is read to its end by a client with ${who}: the cursor goes both ways unchanged`, async () => {
            const first = (await ask({})).last.result;
            assert.equal(first.nextCursor, cursor);
            const second = (await ask({ cursor })).last.result;
            assert.equal("nextCursor" in second, false);
            const names = [...first.tools, ...second.tools].map(({ name }) => name);
            assert.ok(names.includes("echo") && names.includes("crash"));
            assert.equal(new Set(names).size, names.length);
        });

        it(`is refused by the server for a cursor it did not give, for ${who}`, async () => {
            const { last } = await ask({ cursor: "made up" });
            assert.deepEqual([last.error.code, last.error.message], [-32602, "unknown cursor"]);
        });
    }

    it("is whole where the bridge itself needs it", async () => {
        const response = await fetch(new URL("/tools", bridge.url));
        const body = await response.text();
        assert.ok(body.includes('"echo"') && body.includes('"crash"'));
    });
});
