import assert from "node:assert/strict";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { callModern, whoamiModern, type ModernCall } from "../support/callModern.ts";
import { isAlive } from "../support/isAlive.ts";
import { textOf, type Answered } from "../support/post.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const roots = (id: string) => ({ method: "roots/list", params: {}, id });
const rootsAre = (uri: string) => ({ roots: [{ uri }] });
const keysOf = ({ last }: Answered): string[] => Object.keys(last.result.inputRequests);
const stateOf = ({ last }: Answered): string => last.result.requestState;
const bySelf: ModernCall = { capabilities, subject: "alice" };

describe("a call that asks more than once", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering, identity: "headers" });
    });
    after(() => bridge.close());

    const call = (name: string, args: JsonObject, more: ModernCall = {}) =>
        callModern(bridge.url, name, args, { ...bySelf, ...more });

    it("asks what it asks at once in one result, of whatever kind", async () => {
        const requests = [
            roots("r"),
            { method: "sampling/createMessage", params: { messages: [], maxTokens: 1 }, id: 0 },
            { method: "elicitation/create", params: { message: "?" }, id: "e" },
        ];
        const asked = await call("ask_many", { requests });
        assert.deepEqual(keysOf(asked).sort(), ["0", "e", "r"]);
        const sampled = { role: "assistant", content: { type: "text", text: "x" }, model: "m" };
        const inputResponses = { r: rootsAre("r:"), 0: sampled, e: { action: "decline" } };
        const requestState = stateOf(asked);
        const answered = await call("ask_many", { requests }, { requestState, inputResponses });
        assert.deepEqual(JSON.parse(textOf(answered)), [
            rootsAre("r:"),
            sampled,
            { action: "decline" },
        ]);
    });

    it("asks again only for what was not answered", async () => {
        const requests = [roots("a"), roots("b")];
        let round = await call("ask_many", { requests });
        round = await call(
            "ask_many",
            { requests },
            { requestState: stateOf(round), inputResponses: { b: rootsAre("b:") } },
        );
        assert.deepEqual(keysOf(round), ["a"]);
        round = await call(
            "ask_many",
            { requests },
            { requestState: stateOf(round), inputResponses: { a: rootsAre("a:") } },
        );
        assert.deepEqual(JSON.parse(textOf(round)), [rootsAre("a:"), rootsAre("b:")]);
    });

    it("asks round by round, each with a state that is good for one use", async () => {
        const requests = ["a", "b", "c"].map(roots);
        const states: string[] = [];
        let round = await call("ask_in_turn", { requests });
        for (const key of ["a", "b", "c"]) {
            assert.deepEqual(keysOf(round), [key]);
            states.push(stateOf(round));
            const inputResponses = { [key]: rootsAre(`${key}:`) };
            const requestState = stateOf(round);
            round = await call("ask_in_turn", { requests }, { requestState, inputResponses });
        }
        assert.deepEqual(JSON.parse(textOf(round)), ["a:", "b:", "c:"].map(rootsAre));
        assert.equal(new Set(states).size, 3);
        const replayed = { requestState: states[0] ?? "", inputResponses: { a: rootsAre("x:") } };
        assert.equal((await call("ask_in_turn", { requests }, replayed)).last.error.code, -32602);
    });

    it("is the same process in every round", async () => {
        const requests = [roots("a"), roots("b")];
        const { pid } = await whoamiModern(bridge.url, bySelf);
        let round = await call("ask_in_turn", { requests });
        for (const key of ["a", "b"]) {
            const inputResponses = { [key]: rootsAre(key) };
            const requestState = stateOf(round);
            round = await call("ask_in_turn", { requests }, { requestState, inputResponses });
        }
        assert.equal((await whoamiModern(bridge.url, bySelf)).pid, pid);
    });

    it("learns on its return that the process died meanwhile", async () => {
        const { pid } = await whoamiModern(bridge.url, bySelf);
        const requestState = stateOf(await call("ask", roots("a")));
        process.kill(pid, "SIGKILL");
        await until(() => !isAlive(pid));
        const inputResponses = { a: rootsAre("a:") };
        const { last } = await call("ask", roots("a"), { requestState, inputResponses });
        assert.equal(last.error.message, "the server was ended by SIGKILL before it answered");
        assert.equal((await call("recall", {})).status, 200);
        assert.equal(bridge.counts().parked, 0);
    });

    it("is told which page to visit by an old server's error, and goes on from there", async () => {
        const url = "https://example.org/consent";
        const visits = { ...bySelf, capabilities: { elicitation: { url: {} } } };
        const asked = await call("needs_page", { url }, visits);
        const [[key = "", request] = []] = Object.entries<JsonObject>(
            asked.last.result.inputRequests,
        );
        assert.equal(request?.method, "elicitation/create");
        assert.deepEqual((request?.params as JsonObject).url, url);
        const answered = await call(
            "needs_page",
            { url },
            {
                ...visits,
                requestState: stateOf(asked),
                inputResponses: { [key]: { action: "accept" } },
            },
        );
        assert.equal(textOf(answered), "visited");
        const refused = await call("needs_page", { url: "https://example.org/x" });
        assert.deepEqual([refused.status, refused.last.error.code], [200, -32603]);
    });

    it("ends with its process when its client goes while the server works", async () => {
        const subject = "leaving";
        const { pid } = await whoamiModern(bridge.url, { capabilities, subject });
        const going = new AbortController();
        const { signal } = going;
        const lost = call("sleep", { ms: 60_000 }, { subject, signal });
        await until(() => bridge.counts().inFlight === 1);
        going.abort();
        await assert.rejects(lost);
        await until(() => !isAlive(pid));
        const next = await whoamiModern(bridge.url, { capabilities, subject });
        assert.notEqual(next.pid, pid);
    });
});

describe("a server that asks before it is called", () => {
    let bridge: RunningBridge;
    before(async () => {
        const command = [...remembering, "--ask-roots"];
        bridge = await startFixture({ command, identity: "headers" });
    });
    after(() => bridge.close());

    const inputResponses = { first: rootsAre("file:///first") };
    const steps = { steps: 2 };

    it("has the answer before the call, which tells its progress to the request that is open", async () => {
        const asked = await callModern(bridge.url, "progress", steps, {
            capabilities,
            progressToken: "of the first",
        });
        assert.deepEqual(keysOf(asked), ["first"]);
        const { messages } = await callModern(bridge.url, "progress", steps, {
            capabilities,
            inputResponses,
            requestState: stateOf(asked),
            progressToken: "of the second",
        });
        assert.deepEqual(
            messages.map(({ params, result }) => params?.progressToken ?? result.resultType),
            ["of the second", "of the second", "complete"],
        );
    });

    it("is told the level that the call wants logs from, and nobody hears more", async () => {
        const call = { capabilities, logLevel: "debug" };
        const asked = await callModern(bridge.url, "whoami", {}, call);
        const answered = await callModern(
            bridge.url,
            "whoami",
            {},
            {
                ...call,
                inputResponses,
                requestState: stateOf(asked),
            },
        );
        const { level, roots: known } = JSON.parse(textOf(answered));
        assert.deepEqual([level, known], ["debug", rootsAre("file:///first")]);
    });

    it("fails the call that it never got when it dies meanwhile", async () => {
        const before = new Set(bridge.log.map(({ pid }) => pid));
        const asked = await callModern(bridge.url, "recall", {}, { capabilities });
        const pid = bridge.log.findLast(({ event }) => event === "server stderr")?.pid;
        assert.ok(!before.has(pid));
        process.kill(Number(pid), "SIGKILL");
        await until(() => !isAlive(Number(pid)));
        const { last } = await callModern(
            bridge.url,
            "recall",
            {},
            {
                capabilities,
                inputResponses,
                requestState: stateOf(asked),
                signal: AbortSignal.timeout(5000),
            },
        );
        assert.equal(last.error.message, "the server was ended by SIGKILL before it answered");
    });
});
