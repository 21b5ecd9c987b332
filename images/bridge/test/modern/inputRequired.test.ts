import assert from "node:assert/strict";
import { callModern, requestModern, type ModernCall } from "../support/callModern.ts";
import { listServers } from "../support/listServers.ts";
import { textOf, type Answered } from "../support/post.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const capabilities = { elicitation: {} };
const question = {
    method: "elicitation/create",
    params: { message: "which?", requestedSchema: { type: "object", properties: {} } },
    id: "q",
};
const accepted = { action: "accept", content: { word: "this" } };
const inputResponses = { q: accepted };

const ask = (url: string, more: ModernCall = {}) =>
    callModern(url, "ask", question, { capabilities, subject: "alice", ...more });
const stateOf = ({ last }: Answered): string => last.result.requestState;

function assertRefused({ status, last }: Answered): void {
    assert.deepEqual([status, last.error?.code], [200, -32602]);
    assert.match(last.error.message, /requestState: not valid for this request/);
}

describe("a question of an old server to a client of 2026-07-28", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering, identity: "headers" });
    });
    after(() => bridge.close());

    it("is the result of the call, and its answer brings the call's own", async () => {
        const asked = await ask(bridge.url);
        const { result } = asked.last;
        const { method, params } = question;
        assert.deepEqual(
            [asked.status, result.resultType, result.inputRequests],
            [200, "input_required", { q: { method, params } }],
        );
        assert.equal(bridge.counts().parked, 1);
        const answered = await ask(bridge.url, { requestState: stateOf(asked), inputResponses });
        assert.equal(answered.last.result.resultType, "complete");
        assert.deepEqual(JSON.parse(textOf(answered)), accepted);
        assert.equal(bridge.counts().parked, 0);
    });

    it("can be answered once", async () => {
        const requestState = stateOf(await ask(bridge.url));
        const retry = { requestState, inputResponses };
        const [first, second] = await Promise.all([ask(bridge.url, retry), ask(bridge.url, retry)]);
        const complete = first.last.result === undefined ? second : first;
        assert.deepEqual(JSON.parse(textOf(complete)), accepted);
        assertRefused(complete === first ? second : first);
        assertRefused(await ask(bridge.url, retry));
    });

    it("is of no use to anybody else, for anything else, or changed, and stays good through all that", async () => {
        const requestState = stateOf(await ask(bridge.url));
        const retry: ModernCall = { capabilities, subject: "alice", requestState, inputResponses };
        const { url } = bridge;
        const [content = "", signature = ""] = requestState.split(".");
        const flip = (text: string) => `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
        const attempts = [
            ask(url, { ...retry, subject: "bob" }),
            ask(url, { ...retry, subject: "" }),
            ask(url, { ...retry, headers: { "x-auth-client": "another" } }),
            callModern(url, "recall", question, retry),
            callModern(url, "ask", { ...question, id: "other" }, retry),
            callModern(url, "ask", {}, retry),
            requestModern(url, "prompts/get", { name: "question" }, retry),
            ...[
                `${flip(content)}.${signature}`,
                `${content}.${flip(signature)}`,
                `${requestState}-TAMPERED`,
                content,
                "",
            ].map((changed) => ask(url, { ...retry, requestState: changed })),
            ask(url, { ...retry, requestState: 7 as unknown as string }),
        ];
        for (const attempt of await Promise.all(attempts)) {
            assertRefused(attempt);
        }
        // The order of arguments means nothing.
        const { id, method, params } = question;
        const answered = await callModern(url, "ask", { id, params, method }, retry);
        assert.deepEqual(JSON.parse(textOf(answered)), accepted);
    });

    for (const [what, wrong] of [
        ["no object", 7],
        ["without an action", { content: {} }],
        ["with an action that does not exist", { action: "maybe" }],
    ] as const) {
        it(`is not answered by what is none (${what}); a right one can follow`, async () => {
            const requestState = stateOf(await ask(bridge.url));
            const refused = await ask(bridge.url, { requestState, inputResponses: { q: wrong } });
            assert.equal(refused.last.error.code, -32602);
            assert.match(refused.last.error.message, /inputResponses\.q: must be an answer/);
            const answered = await ask(bridge.url, { requestState, inputResponses });
            assert.deepEqual(JSON.parse(textOf(answered)), accepted);
        });
    }

    it("is put again when the client comes back without an answer", async () => {
        const first = stateOf(await ask(bridge.url));
        const again = await ask(bridge.url, { requestState: first, inputResponses: { other: {} } });
        assert.deepEqual(Object.keys(again.last.result.inputRequests), ["q"]);
        const requestState = stateOf(again);
        assert.notEqual(requestState, first);
        assertRefused(await ask(bridge.url, { requestState: first, inputResponses }));
        const answered = await ask(bridge.url, { requestState, inputResponses });
        assert.deepEqual(JSON.parse(textOf(answered)), accepted);
    });

    it("does not reach a client that did not declare the ability: the server is told", async () => {
        const answered = await ask(bridge.url, { capabilities: { sampling: {} } });
        const { error } = JSON.parse(textOf(answered));
        assert.deepEqual(
            [error.code, error.data.requiredCapabilities],
            [-32021, { elicitation: {} }],
        );
    });

    it("may be taken back, or not be waited for: then the call has its result at once", async () => {
        for (const [tool, text] of [
            ["withdraw", "withdrawn"],
            ["ask_and_forget", "asked"],
        ] as const) {
            const call = { capabilities, subject: tool };
            // Long enough to be asked, were it still wanted.
            const args = { ...question, ms: 100 };
            assert.equal(textOf(await callModern(bridge.url, tool, args, call)), text);
        }
        assert.equal(bridge.counts().parked, 0);
    });
});

describe("questions that wait", () => {
    it("are given up after their time, and the process with them", async () => {
        const before = listServers("rememberingServer").length;
        const bridge = await startFixture({
            command: remembering,
            identity: "headers",
            parkedSeconds: 0.3,
            warmChildren: 0,
        });
        try {
            const requestState = stateOf(await ask(bridge.url));
            assert.equal(bridge.counts().children.leased, 1);
            await until(() => bridge.counts().parked === 0);
            assertRefused(await ask(bridge.url, { requestState, inputResponses }));
            await until(() => listServers("rememberingServer").length - before === 1);
            assert.equal(bridge.counts().children.kept, 0);
        } finally {
            await bridge.close();
        }
    });

    it("are so many at most; one that is answered makes room", async () => {
        const bridge = await startFixture({
            command: remembering,
            identity: "headers",
            maxParked: 1,
        });
        try {
            const first = await ask(bridge.url);
            const { status, headers, last } = await ask(bridge.url, { subject: "bob" });
            assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
            assert.match(last.error.message, /too many calls wait/);
            await until(() => bridge.counts().children.leased === 1);
            await ask(bridge.url, { requestState: stateOf(first), inputResponses });
            assert.equal(stateOf(await ask(bridge.url, { subject: "bob" })).length > 0, true);
        } finally {
            await bridge.close();
        }
    });
});
