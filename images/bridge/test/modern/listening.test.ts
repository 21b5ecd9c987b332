import assert from "node:assert/strict";
import { SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import { callModern, whoamiModern } from "../support/callModern.ts";
import type { EventReader } from "../support/eventReader.ts";
import { openListening } from "../support/openListening.ts";
import { openSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const memo = ["memo://x"];
const updated = "notifications/resources/updated";
const uris = ({ messages }: EventReader): string[] =>
    messages.filter(({ method }) => method === updated).map(({ params }) => params.uri);
/** Whose subscription each message says that it belongs to. */
const owners = ({ messages }: EventReader): unknown[] =>
    messages.map(({ params, result }) => (params ?? result)._meta[SUBSCRIPTION_ID_META_KEY]);

for (const [kind, command] of [
    ["an old", remembering],
    ["a new", modernOnly],
] as const) {
    describe(`listening to ${kind} server, as a client of 2026-07-28`, () => {
        let bridge: RunningBridge;
        before(async () => {
            bridge = await startFixture({ command });
        });
        after(() => bridge.close());

        it("tells each client what it asked for, under the name it gave", async () => {
            const [first, second] = [
                await openListening(bridge.url, { resourceSubscriptions: memo }, "one"),
                await openListening(
                    bridge.url,
                    { resourceSubscriptions: ["memo://y"], toolsListChanged: true },
                    2,
                ),
            ];
            await callModern(bridge.url, "touch");
            await callModern(bridge.url, "touch", { uri: "memo://y" });
            await callModern(bridge.url, "announce");
            await callModern(bridge.url, "announce", { list: "prompts" });
            await callModern(bridge.url, "touch");
            await first.count(3);
            await second.count(3);
            assert.deepEqual([uris(first), uris(second)], [["memo://x", "memo://x"], ["memo://y"]]);
            assert.equal(second.messages.at(-1).method, "notifications/tools/list_changed");
            assert.deepEqual(owners(first), ["one", "one", "one"]);
            assert.deepEqual(owners(second), [2, 2, 2]);
            [first, second].forEach((stream) => stream.cut());
            await until(() => bridge.counts().streams === 0);
        });

        it("is acknowledged with what the server can honour", async () => {
            const wanted = { promptsListChanged: true, toolsListChanged: false, unknown: true };
            const stream = await openListening(bridge.url, wanted);
            const { method, params } = stream.messages[0];
            assert.equal(method, "notifications/subscriptions/acknowledged");
            assert.deepEqual(params.notifications, { promptsListChanged: true });
            stream.cut();
        });
    });
}

describe("listening to resources of an old server", () => {
    it("is one subscription in the server, shared with the sessions of old clients, until the last goes", async () => {
        const bridge = await startFixture({ command: remembering });
        try {
            const subscribed = async () => (await whoamiModern(bridge.url)).subscriptions;
            const first = await openListening(bridge.url, { resourceSubscriptions: memo });
            const second = await openListening(bridge.url, { resourceSubscriptions: memo });
            const session = await openSession(bridge.url);
            const old = await session.listen();
            await session.request("resources/subscribe", { uri: "memo://x" });
            assert.deepEqual(await subscribed(), memo);
            await callModern(bridge.url, "touch");
            await Promise.all(
                [first, second, old].map((stream) =>
                    stream.find(({ method }) => method === updated),
                ),
            );
            first.cut();
            assert.equal(await session.end(), 204);
            await until(() => bridge.counts().streams === 1);
            await callModern(bridge.url, "touch");
            await second.count(3);
            assert.deepEqual(await subscribed(), memo);
            second.cut();
            await until(async () => (await subscribed()).length === 0);
        } finally {
            await bridge.close();
        }
    });

    it("goes on in a server that was restarted", async () => {
        const bridge = await startFixture({ command: remembering });
        try {
            const stream = await openListening(bridge.url, { resourceSubscriptions: memo });
            await callModern(bridge.url, "crash");
            await until(() => bridge.child.description !== undefined);
            await callModern(bridge.url, "touch");
            await stream.find(({ method }) => method === updated);
        } finally {
            await bridge.close();
        }
    });
});

describe("listening when the bridge ends", () => {
    for (const [kind, command] of [
        ["an old", remembering],
        ["a new", modernOnly],
    ] as const) {
        it(`ends with an empty result, of ${kind} server`, async () => {
            const bridge = await startFixture({ command });
            const stream = await openListening(bridge.url, { toolsListChanged: true }, "last");
            await bridge.close();
            assert.equal(await stream.end(), "properly");
            const { id, result } = stream.messages.at(-1);
            assert.deepEqual(
                [id, result.resultType, result._meta[SUBSCRIPTION_ID_META_KEY]],
                ["last", "complete", "last"],
            );
        });
    }
});
