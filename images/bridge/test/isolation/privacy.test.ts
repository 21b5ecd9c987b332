import assert from "node:assert/strict";
import { callModern } from "../support/callModern.ts";
import { initialize, openSession } from "../support/rawSession.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";

const names = ["alice", "bob"];
const rootsOf = (name: string) => ({ roots: [{ uri: `file:///home/${name}` }] });
const askRoots = { method: "roots/list", params: {}, id: "same" };

describe("a caller with a process of its own", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering, identity: "headers" });
    });
    after(() => bridge.close());

    it("is asked for its own roots in its session, while another is asked for theirs", async () => {
        const seen = await Promise.all(
            names.map(async (subject) => {
                const session = await openSession(bridge.url, {
                    subject,
                    capabilities: { roots: {} },
                });
                const call = await session.stream("ask", askRoots);
                const { id } = await call.find(({ method }) => method === "roots/list");
                await session.answer(id, rootsOf(subject));
                const { result } = await call.find((message) => message.result !== undefined);
                return JSON.parse(result.content[0].text);
            }),
        );
        assert.deepEqual(seen, names.map(rootsOf));
    });

    it("is asked for its own roots by 'input_required', while another is asked for theirs", async () => {
        const call = (subject: string, more = {}) =>
            callModern(bridge.url, "ask", askRoots, {
                subject,
                capabilities: { roots: {} },
                ...more,
            });
        const questions = await Promise.all(names.map((subject) => call(subject)));
        const answers = await Promise.all(
            names.map((subject, index) => {
                const { requestState } = questions[index]?.last.result ?? {};
                return call(subject, {
                    requestState,
                    inputResponses: { same: rootsOf(subject) },
                });
            }),
        );
        assert.deepEqual(
            answers.map((answer) => JSON.parse(textOf(answer))),
            names.map(rootsOf),
        );
    });

    it("hears what its own process logs in its session, and nobody else does", async () => {
        const sessions = await Promise.all(
            names.map((subject) =>
                openSession(bridge.url, { subject, capabilities: { roots: {} } }),
            ),
        );
        const streams = await Promise.all(sessions.map((session) => session.listen()));
        const results = await Promise.all(
            sessions.map((session, index) => session.call("log", { text: names[index] })),
        );
        const logs = results.map(({ messages }, index) =>
            [...messages, ...(streams[index]?.messages ?? [])]
                .filter(({ method }) => method === "notifications/message")
                .map(({ params }) => params.data),
        );
        streams.forEach((stream) => stream.cut());
        assert.deepEqual(logs, [["alice"], ["bob"]]);
    });

    it("hears the log of its request when it names a level, and only then", async () => {
        const [loud, silent] = await Promise.all([
            callModern(bridge.url, "log", { text: "mine" }, { subject: "alice", logLevel: "info" }),
            callModern(bridge.url, "log", { text: "his" }, { subject: "bob" }),
        ]);
        assert.deepEqual(
            loud.messages.map(({ method, params }) => [method, params?.data]),
            [
                ["notifications/message", "mine"],
                [undefined, undefined],
            ],
        );
        assert.equal(silent.messages.length, 1);
    });
});

describe("a caller without a process of its own", () => {
    for (const [isolation, told] of [
        ["shared", { subscribe: true, listChanged: true }],
        ["principal", {}],
    ] as const) {
        it(`cannot be asked, nor hear what is logged, under '${isolation}'`, async () => {
            const bridge = await startFixture({
                command: remembering,
                identity: "headers",
                isolation,
            });
            try {
                const session = await openSession(bridge.url, {
                    subject: "alice",
                    capabilities: { roots: {} },
                });
                const refusal = JSON.parse(await session.tell("ask", askRoots));
                assert.equal(refusal.error.code, -32021);
                const stream = await session.listen();
                const { messages } = await session.call("log", { text: "whose?" });
                await session.call("recall");
                assert.deepEqual([messages.length, stream.messages.length], [1, 0]);
                const { logging, resources, tools } = session.opening.result.capabilities;
                assert.deepEqual([logging, resources], [undefined, told]);
                assert.equal("listChanged" in tools, "listChanged" in told);
                const { last } = await session.request("logging/setLevel", { level: "debug" });
                assert.equal(last.error.code, -32601);
                stream.cut();
            } finally {
                await bridge.close();
            }
        });
    }
});

describe("a caller of whom nothing is known", () => {
    it("is refused when each caller has a process, in both eras", async () => {
        const bridge = await startFixture({ command: remembering, isolation: "principal" });
        try {
            const answers = await Promise.all([
                initialize(bridge.url),
                post(bridge.url, callTool("recall")),
                callModern(bridge.url, "recall"),
            ]);
            for (const { status, last } of answers) {
                assert.deepEqual([status, last.error.code], [403, -32600]);
                assert.match(last.error.message, /known callers only/);
            }
            assert.deepEqual(bridge.counts().children, {
                shared: 1,
                leased: 0,
                warm: 0,
                kept: 0,
            });
        } finally {
            await bridge.close();
        }
    });

    it("must open a session when each session has a process", async () => {
        const bridge = await startFixture({ command: remembering, isolation: "session" });
        try {
            const { status, last } = await post(bridge.url, callTool("recall"));
            assert.equal(status, 400);
            assert.match(last.error.message, /send 'initialize' first/);
        } finally {
            await bridge.close();
        }
    });

    it("is not asked when each request has a process and there is no session: the server is told", async () => {
        const bridge = await startFixture({ command: remembering, isolation: "request" });
        try {
            const answer = await post(bridge.url, callTool("ask", askRoots), {
                signal: AbortSignal.timeout(5000),
            });
            assert.equal(JSON.parse(textOf(answer)).error.code, -32021);
        } finally {
            await bridge.close();
        }
    });
});
