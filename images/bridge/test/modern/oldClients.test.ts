import assert from "node:assert/strict";
import { OldClient } from "../realServers/support/oldClient.ts";
import { callTool, post } from "../support/post.ts";
import { openSession } from "../support/rawSession.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const asked = { elicitation: {}, sampling: {}, roots: {} };
const memo = { uri: "memo://x" };
const updated = "notifications/resources/updated";
const listChanged = "notifications/tools/list_changed";
const kinds = { "its own": asked, "a shared": {} };

describe("a client of 2025-11-25 and a server of 2026-07-28 only", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: modernOnly });
    });
    after(() => bridge.close());

    it("shake hands, of which the server knows nothing", async () => {
        const session = await openSession(bridge.url);
        const { protocolVersion, serverInfo, instructions } = session.opening.result;
        assert.deepEqual(
            [protocolVersion, serverInfo.name, instructions],
            ["2025-11-25", "modern", "of the new era"],
        );
        assert.deepEqual((await session.request("ping")).last.result, {});
        const { last } = await session.request("tools/list");
        assert.deepEqual(Object.keys(last.result), ["tools"]);
    });

    it("SDK v1 is asked, one thing, several at once, and one after the other", async () => {
        const sampled = { role: "assistant", content: { type: "text", text: "x" }, model: "m" };
        const client = await OldClient.connect(new URL(bridge.url), {
            elicit: ({ message }) => ({ action: "accept", content: { word: String(message) } }),
            sample: () => sampled,
            roots: () => ["file:///r"],
        });
        try {
            const tell = async (tool: string): Promise<unknown> =>
                JSON.parse(String((await client.call(tool)).content[0]?.text));
            const accepted = (word: string) => ({ action: "accept", content: { word } });
            assert.deepEqual(await tell("confirm"), {
                state: { step: 1 },
                inputResponses: { answer: accepted("go on?") },
            });
            assert.deepEqual(await tell("survey"), {
                word: accepted("a word?"),
                rhyme: sampled,
                roots: { roots: [{ uri: "file:///r" }] },
            });
            assert.deepEqual(await tell("interview"), [{ word: "first?" }, { word: "second?" }]);
            const messages = await client.prompt("question");
            assert.match(JSON.stringify(messages), /about what\?/);
        } finally {
            await client.close();
        }
    });

    it("an answer that is an error fails the call, and the server waits for nothing", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const call = await session.stream("confirm");
        const { id } = await call.find(({ method }) => method === "elicitation/create");
        await session.send({ id, error: { code: -1, message: "not now" } });
        await call.end();
        assert.deepEqual(call.messages.at(-1).error, { code: -1, message: "not now" });
        await until(() => bridge.counts().inFlight === 0);
    });

    it("a client that cannot be asked is told what is missing, with a session or without", async () => {
        const session = await openSession(bridge.url);
        const call = callTool("confirm");
        for (const { last } of [await session.send(call), await post(bridge.url, call)]) {
            assert.deepEqual(
                [last.error.code, last.error.data],
                [-32021, { requiredCapabilities: { elicitation: {} } }],
            );
        }
    });

    it("a session says which log it wants, and hears it with its calls", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const log = async (level: string): Promise<unknown[]> => {
            const { messages } = await session.call("log", { text: level, level });
            return messages.slice(0, -1).map(({ params }) => params);
        };
        assert.deepEqual(await log("error"), []);
        const { last } = await session.request("logging/setLevel", { level: "info" });
        assert.deepEqual(last.result, {});
        assert.deepEqual(await log("debug"), []);
        assert.deepEqual(await log("error"), [{ level: "error", data: "error" }]);
    });

    for (const [whose, capabilities] of Object.entries(kinds)) {
        it(`a session of ${whose} process subscribes to resources, and hears of lists`, async () => {
            const session = await openSession(bridge.url, { capabilities });
            const stream = await session.listen();
            await until(() => stream.events.length > 0);
            await session.request("resources/subscribe", memo);
            await session.call("sleep", { ms: 1 });
            const said = async (tool: string): Promise<unknown[]> => {
                const before = stream.messages.length;
                const { messages } = await session.call(tool);
                await until(() => messages.length - 1 + stream.messages.length - before > 0);
                return [...messages.slice(0, -1), ...stream.messages.slice(before)].map(
                    ({ method }) => method,
                );
            };
            assert.deepEqual(await said("touch"), [updated]);
            assert.deepEqual(await said("announce"), [listChanged]);
            await session.request("resources/unsubscribe", memo);
            await session.call("touch");
            assert.deepEqual(await said("announce"), [listChanged]);
            stream.cut();
        });

        it(`a session of ${whose} process has progress, and cancels`, async () => {
            const session = await openSession(bridge.url, { capabilities });
            const { messages } = await session.call(
                "progress",
                { steps: 2 },
                { progressToken: "p" },
            );
            assert.deepEqual(
                messages.map(({ params, result }) => params ?? result.content[0].text),
                [
                    { progressToken: "p", progress: 1, total: 2 },
                    { progressToken: "p", progress: 2, total: 2 },
                    "done",
                ],
            );
            const long = session.call("sleep", { ms: 60_000 }, { id: "long" });
            await until(() => bridge.counts().inFlight === 1);
            await session.notify("notifications/cancelled", { requestId: "long", reason: "no" });
            assert.equal((await long).last.error.message, "no");
            const seen = JSON.parse(await session.tell("received"));
            assert.equal(seen.cancelled.length >= 1, true);
        });
    }
});
