import assert from "node:assert/strict";
import { callModern, type ModernCall } from "../support/callModern.ts";
import { textOf, type Answered } from "../support/post.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [opening, other] = ["127.0.0.2", "127.0.0.3"] as const;
const capabilities = { roots: {}, elicitation: {} };
const alice: ModernCall = { capabilities, subject: "alice" };
const stateOf = ({ last }: Answered): string => last.result.requestState;
const rootsOf = (uri: string) => ({ roots: [{ uri }] });
const requests = ["a", "b"].map((id) => ({ method: "roots/list", params: {}, id }));

function assertRefused({ status, last }: Answered): void {
    assert.deepEqual([status, last.error?.code], [200, -32602]);
    assert.match(last.error.message, /requestState: not valid for this request/);
}

describe("a call that asks its client, and goes on through another replica", () => {
    let replicas: Replicas;
    let a: RunningBridge;
    let b: RunningBridge;
    beforeEach(async () => {
        const command = [...remembering, "--ask-roots"];
        replicas = await startReplicas([opening, other], { command, graceSeconds: 1 });
        a = replicas.at[opening] as RunningBridge;
        b = replicas.at[other] as RunningBridge;
    });
    afterEach(() => replicas.close());

    const call = (bridge: RunningBridge, more: ModernCall = {}) =>
        callModern(bridge.url, "ask_in_turn", { requests }, { ...alice, ...more });

    it("is continued where it waits, round by round, once each", async () => {
        const before = {
            requestState: stateOf(await call(a)),
            inputResponses: { first: rootsOf("f:") },
        };
        const first = {
            requestState: stateOf(await call(b, before)),
            inputResponses: { a: rootsOf("a:") },
        };
        assertRefused(await call(b, { ...first, subject: "bob" }));
        const second = {
            requestState: stateOf(await call(b, first)),
            inputResponses: { b: rootsOf("b:") },
        };
        assert.deepEqual([a.counts().parked, b.counts().parked], [1, 0]);
        assert.deepEqual(JSON.parse(textOf(await call(b, second))), ["a:", "b:"].map(rootsOf));
        for (const used of [first, second]) {
            assertRefused(await call(b, used));
            assertRefused(await call(a, used));
        }
    });

    it("is cancelled where it works when the client leaves the other", async () => {
        const long = (bridge: RunningBridge, more: ModernCall = {}) =>
            callModern(bridge.url, "sleep", { ms: 60_000 }, { ...alice, ...more });
        const requestState = stateOf(await long(a));
        const going = new AbortController();
        const inputResponses = { first: rootsOf("r:") };
        const lost = long(b, { requestState, inputResponses, signal: going.signal });
        await until(() => a.counts().parked === 0);
        assert.deepEqual([a.counts().inFlight, a.counts().children.leased], [1, 1]);
        going.abort();
        await assert.rejects(lost);
        await until(() => a.counts().inFlight + b.counts().inFlight === 0);
        await until(() => a.counts().children.leased === 0);
    });

    it("is told to begin anew when the one where it waited is gone", async () => {
        const retry = {
            requestState: stateOf(await call(a)),
            inputResponses: { first: rootsOf("f:") },
        };
        await a.close();
        assertRefused(await call(b, retry));
        assert.equal((await call(b)).last.result.resultType, "input_required");
    });
});

describe("a server of 2026-07-28 that asks, behind replicas", () => {
    it("has its state back where it made it, once", async () => {
        const replicas = await startReplicas([opening, other], { command: modernOnly });
        const [a, b] = [replicas.at[opening] as RunningBridge, replicas.at[other] as RunningBridge];
        try {
            const asked = await callModern(a.url, "confirm", {}, alice);
            const retry = {
                ...alice,
                requestState: stateOf(asked),
                inputResponses: { answer: { action: "accept", content: {} } },
            };
            const answered = await callModern(b.url, "confirm", {}, retry);
            assert.deepEqual(JSON.parse(textOf(answered)).state, { step: 1 });
            assert.equal(
                b.log.some(({ event }) => event === "call"),
                false,
            );
            assertRefused(await callModern(b.url, "confirm", {}, retry));
            assertRefused(await callModern(a.url, "confirm", {}, retry));
        } finally {
            await replicas.close();
        }
    });
});
