import assert from "node:assert/strict";
import { OldClient } from "../realServers/support/oldClient.ts";
import { openSession } from "../support/rawSession.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const asked = { roots: {}, sampling: {}, elicitation: {} };
const askRoots = { method: "roots/list", params: {}, id: "same" };
const isAsked = ({ method }: { method?: string }): boolean => method === "roots/list";
const requestedSchema = { type: "object" as const, properties: { word: { type: "string" } } };

describe("a server that asks the client of a session", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering });
    });
    after(() => bridge.close());

    it("gets the answers of SDK v1 to all it can ask, also several at once", async () => {
        const sampled = { role: "assistant", content: { type: "text", text: "rhyme" }, model: "m" };
        const roots = ["file:///first"];
        const client = await OldClient.connect(new URL(bridge.url), {
            elicit: ({ message }) => ({ action: "accept", content: { word: String(message) } }),
            sample: () => sampled,
            roots: () => roots,
        });
        try {
            const requests = [
                {
                    method: "elicitation/create",
                    params: { mode: "form", message: "which?", requestedSchema },
                },
                { method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } },
                { method: "roots/list", params: {} },
            ];
            const answers = [
                { action: "accept", content: { word: "which?" } },
                sampled,
                { roots: [{ uri: "file:///first" }] },
            ];
            for (const tool of ["ask_many", "ask_in_turn"]) {
                const { content } = await client.call(tool, { requests });
                assert.deepEqual(JSON.parse(String(content[0]?.text)), answers);
            }
            roots[0] = "file:///second";
            await client.rootsChanged();
            const { content } = await client.call("whoami");
            const { initialize, notifications } = JSON.parse(String(content[0]?.text));
            assert.deepEqual(notifications, [
                { method: "notifications/roots/list_changed", params: {} },
            ]);
            assert.deepEqual(initialize.capabilities, {
                ...asked,
                elicitation: { form: {}, url: {} },
                roots: { listChanged: true },
            });
            assert.equal(initialize.clientInfo.name, "old");
        } finally {
            await client.close();
        }
    });

    it("is answered by an error where the client gives one", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const call = await session.stream("ask", askRoots);
        const { id } = await call.find(isAsked);
        const error = { code: -1, message: "I would rather not", data: { why: "private" } };
        await session.send({ id, error });
        await call.end();
        assert.deepEqual(JSON.parse(call.messages.at(-1).result.content[0].text), { error });
    });

    it("may take its question back, of which the client hears by the id it knows", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const { messages } = await session.call("withdraw", askRoots);
        const [question, cancelled] = messages;
        assert.deepEqual(cancelled, {
            jsonrpc: "2.0",
            method: "notifications/cancelled",
            params: { requestId: question.id, reason: "never mind" },
        });
        // The client's answer has crossed it.
        assert.equal((await session.answer(question.id, { roots: [] })).status, 202);
        assert.equal(await session.tell("recall"), "null");
    });

    it("has progress with its question, as the client has with its call", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const params = { _meta: { progressToken: "server's" } };
        const call = await session.stream("ask", { ...askRoots, params }, { progressToken: "c" });
        const question = await call.find(isAsked);
        assert.deepEqual(question.params, params);
        const progress = { progressToken: "server's", progress: 1, total: 2 };
        await session.notify("notifications/progress", progress);
        await session.answer(question.id, { roots: [] });
        await call.end();
        const { notifications } = await session.whoami();
        assert.deepEqual(notifications, [{ method: "notifications/progress", params: progress }]);
    });

    it("is answered by its own client only, though another knows the question's id", async () => {
        const [session, other] = await Promise.all(
            [0, 1].map(() => openSession(bridge.url, { capabilities: asked })),
        );
        const calls = await Promise.all([
            session?.stream("ask", askRoots),
            other?.stream("ask", askRoots),
        ]);
        const ids = await Promise.all(calls.map(async (call) => (await call?.find(isAsked)).id));
        assert.notEqual(ids[0], "same");
        const name = (uri: string) => ({ roots: [{ uri }] });
        // What does not wait for it is accepted and goes nowhere.
        assert.equal((await other?.answer("no-such", name("file:///x")))?.status, 202);
        await other?.answer(ids[1], name("file:///other"));
        await other?.answer(ids[0], name("file:///intruder"));
        await calls[1]?.end();
        assert.equal(calls[0]?.ended, undefined);
        await session?.answer(ids[0], name("file:///own"));
        await calls[0]?.end();
        assert.deepEqual(
            calls.map((call) => JSON.parse(call?.messages.at(-1).result.content[0].text)),
            [name("file:///own"), name("file:///other")],
        );
    });

    it("is told when the client ends its session instead", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const call = await session.stream("ask", askRoots);
        await call.find(isAsked);
        assert.equal(await session.end(), 204);
        assert.equal(await call.end(), "properly");
        assert.equal(call.messages.at(-1).error.message, "the session is over");
    });

    it("hears that the client cancelled the call", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const long = session.call("sleep", { ms: 60_000 }, { id: "long" });
        await until(() => bridge.counts().inFlight === 1);
        await session.notify("notifications/cancelled", { requestId: "long", reason: "enough" });
        assert.equal((await long).last.error.message, "enough");
        const { notifications } = await session.whoami();
        assert.deepEqual(
            notifications.map(({ method, params }: { method: string; params: object }) => [
                method,
                (params as { reason: string }).reason,
            ]),
            [["notifications/cancelled", "enough"]],
        );
    });
});

describe("a server that asks during a request with a process of its own", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering, isolation: "request" });
    });
    after(() => bridge.close());

    it("asks on the answer to that request", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const [call, other] = [
            await session.stream("ask", askRoots),
            await session.stream("ask", askRoots),
        ];
        for (const [index, stream] of [call, other].entries()) {
            const { id } = await stream.find(isAsked);
            const roots = [{ uri: `file:///${index}` }];
            await session.answer(id, { roots });
            await stream.end();
            const { result } = stream.messages.at(-1);
            assert.deepEqual(JSON.parse(result.content[0].text), { roots });
        }
    });

    it("has progress with its question, and not that of another which chose the same token", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const own = { progressToken: "server's", more: 1 };
        const question = { ...askRoots, params: { _meta: own } };
        const calls = [
            await session.stream("ask_and_tell", question),
            await session.stream("ask_and_tell", question),
        ];
        const asks = await Promise.all(calls.map((call) => call.find(isAsked)));
        const tokens = asks.map(({ params }) => params._meta.progressToken);
        assert.notEqual(tokens[0], tokens[1]);
        assert.deepEqual(asks[0].params, { _meta: { ...own, progressToken: tokens[0] } });
        for (const [index, progressToken] of tokens.entries()) {
            const progress = { progressToken, progress: index, total: 2 };
            await session.notify("notifications/progress", progress);
        }
        // Of what nobody asked, nobody is told.
        await session.notify("notifications/progress", { progressToken: "server's", progress: 9 });
        for (const [index, call] of calls.entries()) {
            await session.answer(asks[index].id, { roots: [] });
            await call.end();
            const { result } = call.messages.at(-1);
            const params = { progressToken: "server's", progress: index, total: 2 };
            assert.deepEqual(JSON.parse(result.content[0].text), [
                { method: "notifications/progress", params },
            ]);
        }
    });
});
