import assert from "node:assert/strict";
import { callModern, requestModern, type ModernCall } from "../support/callModern.ts";
import { textOf, type Answered } from "../support/post.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const stateOf = ({ last }: Answered): string => last.result.requestState;
const keysOf = ({ last }: Answered): string[] => Object.keys(last.result.inputRequests);
const accept = (word: string) => ({ action: "accept", content: { word } });
const alice: ModernCall = { capabilities, subject: "alice" };

function assertRefused({ status, last }: Answered): void {
    assert.deepEqual([status, last.error?.code], [200, -32602]);
    assert.match(last.error.message, /requestState: not valid for this request/);
}

for (const isolation of ["auto", "request"] as const) {
    describe(`a server of 2026-07-28 and a client like it, with isolation '${isolation}'`, () => {
        let bridge: RunningBridge;
        before(async () => {
            bridge = await startFixture({
                command: modernOnly,
                identity: "headers",
                isolation,
                warmChildren: 0,
            });
        });
        after(() => bridge.close());

        const call = (name: string, more: ModernCall = {}) =>
            callModern(bridge.url, name, {}, { ...alice, ...more });

        it("has its state back as it gave it, which its client cannot read as its own", async () => {
            const asked = await call("confirm");
            const requestState = stateOf(asked);
            assert.deepEqual(keysOf(asked), ["answer"]);
            assert.throws(() => JSON.parse(Buffer.from(requestState, "base64url").toString()));
            const inputResponses = { answer: accept("yes") };
            const answered = await call("confirm", { requestState, inputResponses });
            assert.equal(answered.last.result.resultType, "complete");
            assert.deepEqual(JSON.parse(textOf(answered)), { state: { step: 1 }, inputResponses });
            await until(() => bridge.counts().children.leased === 0);
        });

        it("asks several things at once, and one after the other", async () => {
            const survey = await call("survey");
            assert.deepEqual(keysOf(survey), ["word", "rhyme", "roots"]);
            const inputResponses = { word: accept("w"), rhyme: {}, roots: { roots: [] } };
            const retry = { requestState: stateOf(survey), inputResponses };
            assert.deepEqual(JSON.parse(textOf(await call("survey", retry))), inputResponses);
            let round = await call("interview");
            for (const [key, word] of [
                ["first", "a"],
                ["second", "b"],
            ] as const) {
                assert.deepEqual(keysOf(round), [key]);
                const requestState = stateOf(round);
                round = await call("interview", {
                    requestState,
                    inputResponses: { [key]: accept(word) },
                });
            }
            assert.deepEqual(JSON.parse(textOf(round)), [{ word: "a" }, { word: "b" }]);
        });

        it("has its state taken once, from whom it was given to, for what it was given for", async () => {
            const requestState = stateOf(await call("confirm"));
            const inputResponses = { answer: accept("yes") };
            const retry = { ...alice, requestState, inputResponses };
            const { url } = bridge;
            const attempts = [
                call("confirm", { ...retry, subject: "bob" }),
                call("interview", retry),
                callModern(url, "confirm", { more: 1 }, retry),
                requestModern(url, "prompts/get", { name: "question" }, retry),
                call("confirm", { ...retry, requestState: `${requestState}x` }),
                // The server's own form of its state is not one of the bridge's.
                call("confirm", {
                    ...retry,
                    requestState: Buffer.from('{"step":1}').toString("base64url"),
                }),
            ];
            (await Promise.all(attempts)).forEach(assertRefused);
            const replays = await Promise.all([call("confirm", retry), call("confirm", retry)]);
            const [refused, ...taken] = replays.sort((one) => (one.last.error ? -1 : 1));
            assertRefused(refused);
            assert.deepEqual(
                taken.map(({ last }) => last.result.resultType),
                ["complete"],
            );
            assertRefused(await call("confirm", retry));
        });

        it("hears that its client went", async () => {
            const going = new AbortController();
            const lost = callModern(
                bridge.url,
                "sleep",
                { ms: 60_000 },
                { ...alice, signal: going.signal },
            );
            await until(() => bridge.counts().inFlight === 1);
            going.abort();
            await assert.rejects(lost);
            await until(() => bridge.counts().calls + bridge.counts().children.leased === 0);
            if (isolation === "auto") {
                const { cancelled } = JSON.parse(textOf(await call("received")));
                assert.equal(cancelled.length, 1);
            }
        });

        it("logs to the client that names a level, from that level on, and to nobody else", async () => {
            const log = (level: string, logLevel?: string) =>
                callModern(
                    bridge.url,
                    "log",
                    { text: level, level },
                    { ...alice, ...(logLevel !== undefined && { logLevel }) },
                );
            const answers = await Promise.all([
                log("warning", "info"),
                log("info", "info"),
                log("debug", "info"),
                log("error"),
            ]);
            assert.deepEqual(
                answers.map(({ messages }) => messages.map(({ params }) => params?.data)),
                [["warning", undefined], ["info", undefined], [undefined], [undefined]],
            );
        });
    });
}
