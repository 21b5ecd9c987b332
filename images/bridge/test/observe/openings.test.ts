import assert from "node:assert/strict";
import { post, postModern } from "../support/post.ts";
import { fixture, startFixture } from "../support/startFixture.ts";
import { until } from "../support/until.ts";
import { readExposition } from "./support/readExposition.ts";

const subject = { "x-auth-subject": "alice", "x-request-id": "r-1" };
const clientInfo = { name: "test", version: "1" };
const initialize = {
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
};

/** How a client of each era begins. */
const openings = {
    initialize: {
        era: "legacy",
        send: (url: string, headers: Record<string, string>, signal?: AbortSignal) =>
            post(url, initialize, { headers, ...(signal && { signal }) }),
    },
    "server/discover": {
        era: "modern",
        send: (url: string, headers: Record<string, string>, signal?: AbortSignal) =>
            postModern(url, "server/discover", {}, { headers, ...(signal && { signal }) }),
    },
};

for (const [method, { era, send }] of Object.entries(openings)) {
    describe(`the first request of a client, '${method}'`, () => {
        it("is a line of the audit log and counted, as calls are", async () => {
            const bridge = await startFixture({ identity: "headers" });
            try {
                assert.equal((await send(bridge.url, subject)).status, 200);
                const lines = bridge.log.filter(({ event }) => event === "call");
                assert.equal(lines.length, 1);
                assert.partialDeepStrictEqual(lines[0], {
                    ...{ method, era, outcome: "ok", subject: "alice", requestId: "r-1" },
                });
                const { origin } = new URL(bridge.url);
                const samples = readExposition(await (await fetch(`${origin}/metrics`)).text());
                const counted = samples.filter(
                    ({ name }) => name === "mcp_request_duration_seconds_count",
                );
                const labels = { server: "fixture", method, era };
                assert.deepEqual(
                    counted.map(({ labels: found, value }) => ({ labels: found, value })),
                    [{ labels, value: 1 }],
                );
            } finally {
                await bridge.close();
            }
        });

        it("is one of a client that did not wait for the server's start, too", async () => {
            const slow = ["sh", "-c", 'sleep 0.5; exec "$0" "$@"', process.execPath, fixture];
            const bridge = await startFixture({ command: slow, identity: "headers" });
            try {
                const stop = new AbortController();
                const gone = assert.rejects(send(bridge.url, subject, stop.signal));
                await until(() => bridge.counts().inFlight === 1);
                stop.abort();
                await gone;
                const ended = () => bridge.log.find(({ event }) => event === "call");
                await until(() => ended() !== undefined);
                assert.partialDeepStrictEqual(ended(), { method, era, outcome: "cancelled" });
                assert.equal(bridge.counts().sessions, 0);
            } finally {
                await bridge.close();
            }
        });
    });
}
