import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const modernServer = fileURLToPath(new URL("../fixtures/modernServer.mjs", import.meta.url));
const cancelled = (requestId: unknown, reason?: string) => ({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId, ...(reason !== undefined && { reason }) },
});
const never = (id: string | number) =>
    callTool("gather", { count: 1000, steps: 0, value: "" }, { id });

/** What the server was told by notifications since it started. */
async function readReceived(url: string, headers = {}) {
    const received = JSON.parse(textOf(await post(url, callTool("received"), { headers }))) as {
        method: string;
        params: { requestId: unknown; reason: string };
    }[];
    return received.filter(({ method }) => method === "notifications/cancelled");
}

describe("cancellation", () => {
    let bridge: RunningBridge;
    beforeEach(async () => {
        bridge = await startUnruly();
    });
    afterEach(() => bridge.close());

    for (const [whose, capabilities] of [
        ["a shared process", {}],
        ["a process of the session", { roots: {} }],
    ] as const) {
        it(`reaches ${whose}, under the id that it knows`, async () => {
            const headers = await enterSession(bridge.url, capabilities);
            const call = post(bridge.url, never("mine"), { headers });
            await until(async () => {
                await post(bridge.url, cancelled("mine", "enough"), { headers });
                return (await readReceived(bridge.url, headers)).length > 0;
            });
            const { last } = await call;
            assert.deepEqual([last.id, last.error.message], ["mine", "enough"]);
            const [{ params } = assert.fail()] = await readReceived(bridge.url, headers);
            assert.equal(params.reason, "enough");
            assert.equal(typeof params.requestId, "number");
        });
    }

    it("of one call leaves the other with the same id alone", async () => {
        const headers = await enterSession(bridge.url);
        const gather = (value: string) => callTool("gather", { count: 2, steps: 0, value });
        const first = post(bridge.url, gather("first"));
        await until(() => bridge.counts().calls === 1);
        // Another client's call of that name, which is over already, and one that never was.
        await post(bridge.url, callTool("echo", { value: "x" }), { headers });
        for (const id of [1, "1", "no such", null, {}]) {
            const { status } = await post(bridge.url, cancelled(id), { headers });
            assert.equal(status, 202);
        }
        assert.deepEqual(await readReceived(bridge.url), []);
        const second = post(bridge.url, gather("second"));
        assert.deepEqual((await Promise.all([first, second])).map(textOf), ["first", "second"]);
    });

    it("by a stranger to the session is none", async () => {
        const owner = await enterSession(bridge.url);
        const stranger = await enterSession(bridge.url);
        const gather = callTool("gather", { count: 2, steps: 0, value: "x" }, { id: "mine" });
        const call = post(bridge.url, gather, { headers: owner });
        await until(() => bridge.counts().calls === 1);
        await post(bridge.url, cancelled("mine"), { headers: stranger });
        await post(bridge.url, cancelled("mine"));
        const other = post(bridge.url, gather);
        assert.deepEqual((await Promise.all([call, other])).map(textOf), ["x", "x"]);
    });

    it("leaves nothing behind: a late answer goes to nobody", async () => {
        const headers = await enterSession(bridge.url);
        const waiting = post(bridge.url, callTool("work", { ms: 300 }, { id: 1 }), { headers });
        await until(() => bridge.counts().calls === 1);
        await post(bridge.url, cancelled(1), { headers });
        const again = await post(bridge.url, callTool("echo", { value: "new" }, { id: 1 }), {
            headers,
        });
        assert.equal(textOf(again), "new");
        assert.ok("error" in (await waiting).last);
        assert.equal(bridge.counts().calls, 0);
    });

    it("by closing the stream reaches the process that a call of 2026-07-28 has for itself, which ends", async () => {
        const closing = new AbortController();
        const params = {
            ...(never(1).params as object),
            _meta: { "io.modelcontextprotocol/clientCapabilities": { roots: {} } },
        };
        const call = postModern(bridge.url, "tools/call", params, { signal: closing.signal });
        await until(() => bridge.counts().children.leased === 1);
        closing.abort();
        await assert.rejects(call);
        await until(() => bridge.counts().children.leased === 0);
        assert.equal(bridge.counts().inFlight, 0);
    });
});

describe("cancellation over a server of 2026-07-28", () => {
    it("reaches it from clients of both eras", async () => {
        const bridge = await startFixture({
            command: [process.execPath, modernServer],
            graceSeconds: 0,
        });
        try {
            const sleep = callTool("sleep", { ms: 600_000 }, { id: "mine" });
            const headers = await enterSession(bridge.url);
            const old = post(bridge.url, sleep, { headers });
            await until(() => bridge.counts().calls === 1);
            await post(bridge.url, cancelled("mine"), { headers });
            await old;
            await until(() => bridge.counts().calls === 0);

            // The first such call makes the bridge read the list of tools.
            await postModern(bridge.url, "tools/call", { name: "echo", arguments: {} });
            const closing = new AbortController();
            const params = { name: "sleep", arguments: { ms: 600_000 } };
            const modern = postModern(bridge.url, "tools/call", params, { signal: closing.signal });
            await until(() => bridge.counts().calls === 1);
            closing.abort();
            await assert.rejects(modern);
            await until(() => bridge.counts().calls === 0);

            const { cancelled: seen } = JSON.parse(
                textOf(await postModern(bridge.url, "tools/call", { name: "received" })),
            );
            assert.equal(seen.length, 2);
        } finally {
            await bridge.close();
        }
    });
});
