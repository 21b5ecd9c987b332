import assert from "node:assert/strict";
import type { EventReader } from "../support/eventReader.ts";
import { post } from "../support/post.ts";
import { openSession, type RawSession } from "../support/rawSession.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const memo = { uri: "memo://x" };
const updates = ({ messages }: EventReader): string[] =>
    messages
        .filter(({ method }) => method === "notifications/resources/updated")
        .map(({ params }) => params.uri);

describe("resources that sessions of a shared process subscribe to", () => {
    let bridge: RunningBridge;
    let caller: RawSession;
    beforeEach(async () => {
        bridge = await startFixture({ command: remembering });
        caller = await openSession(bridge.url);
    });
    afterEach(() => bridge.close());

    const subscribed = async (): Promise<string[]> => (await caller.whoami()).subscriptions;

    it("are subscribed to once in the server, as long as somebody wants them", async () => {
        const [first, second, silent] = [
            await openSession(bridge.url),
            await openSession(bridge.url),
            await openSession(bridge.url),
        ];
        const streams = await Promise.all(
            [first, second, silent].map((session) => session.listen()),
        );
        for (const session of [first, second, first]) {
            const { last } = await session.request("resources/subscribe", memo);
            assert.deepEqual(last.result, {});
        }
        await first.request("resources/subscribe", { uri: "memo://y" });
        assert.deepEqual(await subscribed(), ["memo://x", "memo://y"]);

        await caller.tell("touch");
        await caller.tell("touch", { uri: "memo://y" });
        await until(() => streams[0] !== undefined && updates(streams[0]).length === 2);
        assert.deepEqual(streams.map(updates), [["memo://x", "memo://y"], ["memo://x"], []]);

        await first.request("resources/unsubscribe", memo);
        await silent.request("resources/unsubscribe", memo);
        assert.deepEqual(await subscribed(), ["memo://x", "memo://y"]);
        await caller.tell("touch");
        await until(() => streams[1] !== undefined && updates(streams[1]).length === 2);
        assert.equal(streams[0] && updates(streams[0]).length, 2);
        assert.equal(await second.end(), 204);
        assert.deepEqual(await subscribed(), ["memo://y"]);
        assert.equal(await first.end(), 204);
        assert.deepEqual(await subscribed(), []);
    });

    it("are refused to all who ask while the server decides, and can be asked for again", async () => {
        const undecided = { uri: "memo://undecided" };
        const [first, second] = [await openSession(bridge.url), await openSession(bridge.url)];
        for (const known of [1, 2]) {
            const opening = first.request("resources/subscribe", undecided);
            await until(async () => (await subscribed()).length === known);
            const asked = [
                opening,
                second.request("resources/subscribe", undecided),
                // The same client may ask again, too.
                first.request("resources/subscribe", undecided),
            ];
            await until(() => bridge.counts().inFlight === 3);
            await caller.tell("refuse");
            const codes = (await Promise.all(asked)).map(({ last }) => last.error?.code);
            assert.deepEqual(codes, [-32002, -32002, -32002]);
            assert.equal((await subscribed()).length, known);
        }
    });

    it("are subscribed to again in a server that was restarted", async () => {
        const session = await openSession(bridge.url);
        const stream = await session.listen();
        await session.request("resources/subscribe", memo);
        await caller.call("crash");
        assert.deepEqual(await subscribed(), ["memo://x"]);
        await caller.tell("touch");
        await stream.find(({ method }) => method === "notifications/resources/updated");
        // Its lists may be others now.
        await stream.find(({ method }) => method === "notifications/tools/list_changed");
    });

    it("cannot be without a session, in which alone a client could be told", async () => {
        const message = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: memo };
        const { last } = await post(bridge.url, message);
        assert.equal(last.error.code, -32601);
        assert.deepEqual(await subscribed(), []);
    });
});

describe("what a session of its own process wants to hear", () => {
    it("is said to that process, and to no other", async () => {
        const bridge = await startFixture({ command: remembering });
        try {
            const capabilities = { roots: {} };
            const [first, second] = [
                await openSession(bridge.url, { capabilities }),
                await openSession(bridge.url, { capabilities }),
            ];
            assert.deepEqual(first.opening.result.capabilities.logging, {});
            await first.request("resources/subscribe", memo);
            await first.request("logging/setLevel", { level: "debug" });
            const seen = await Promise.all([first.whoami(), second.whoami()]);
            assert.deepEqual(
                seen.map(({ level, subscriptions }) => [level, subscriptions]),
                [
                    ["debug", ["memo://x"]],
                    [null, []],
                ],
            );
            const streams = [await first.listen(), await second.listen()];
            const { messages } = await first.call("touch");
            assert.deepEqual(messages[0].params, memo);
            await second.call("recall");
            assert.deepEqual(
                streams.map((stream) => stream.messages.length),
                [0, 0],
            );
        } finally {
            await bridge.close();
        }
    });
});
