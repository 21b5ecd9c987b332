import assert from "node:assert/strict";
import { SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { callModern, requestModern } from "../support/callModern.ts";
import type { EventReader } from "../support/eventReader.ts";
import { openListening } from "../support/openListening.ts";
import type { Message } from "../support/post.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const everything = { toolsListChanged: true, resourceSubscriptions: ["memo://x"] };
const listChanged = "notifications/tools/list_changed";
const updated = "notifications/resources/updated";
const nameOf = ({ method, result }: Message): string => method ?? result.resultType;
const ownerOf = ({ params, result }: Message): unknown =>
    (params ?? result)._meta[SUBSCRIPTION_ID_META_KEY];

const servers = [
    ["an old", remembering],
    ["a new", modernOnly],
] as const;

for (const [kind, command] of servers) {
    const known = { command, identity: "headers", isolation: "principal" } as const;

    describe(`what a caller of 2026-07-28 hears of its own process of ${kind} server`, () => {
        let bridge: RunningBridge;
        before(async () => {
            bridge = await startFixture(known);
        });
        after(() => bridge.close());
        const listen = (subject: string, wanted: JsonObject = everything): Promise<EventReader> =>
            openListening(bridge.url, wanted, `of ${subject}`, subject);
        const call = (subject: string, name: string) =>
            callModern(bridge.url, name, {}, { subject });

        it("is what that process says, and nothing of another's", async () => {
            const names = ["alice", "bob"];
            const streams = await Promise.all(names.map((name) => listen(name)));
            await call("carol", "touch");
            await call("alice", "touch");
            await call("bob", "announce");
            await call("alice", "announce");
            await call("bob", "touch");
            await Promise.all(streams.map((stream) => stream.count(3)));
            const heard = streams.map(({ messages }) => messages.slice(1));
            assert.deepEqual(
                heard.map((messages) => messages.map(nameOf)),
                [
                    [updated, listChanged],
                    [listChanged, updated],
                ],
            );
            assert.deepEqual(
                heard.map((messages) => messages.map(ownerOf)),
                names.map((name) => [`of ${name}`, `of ${name}`]),
            );
            streams.forEach((stream) => stream.cut());
            await until(() => bridge.counts().streams === 0);
        });

        it("ends with that process, which the next call and the next stream find anew", async () => {
            const stream = await listen("dave");
            await call("dave", "crash");
            assert.equal(await stream.end(), "properly");
            assert.deepEqual(nameOf(stream.messages.at(-1)), "complete");
            const next = await listen("dave");
            await call("dave", "touch");
            await next.find(({ method }) => method === updated);
            next.cut();
        });

        it("is nothing for a caller who is not known", async () => {
            const params = { notifications: everything };
            const { status } = await requestModern(bridge.url, "subscriptions/listen", params);
            assert.equal(status, 403);
        });
    });

    it(`a process of ${kind} server lives as long as its caller listens, and ends after`, async () => {
        const bridge = await startFixture({ ...known, sessionIdleSeconds: 0.2, maxChildren: 2 });
        try {
            const stream = await openListening(bridge.url, everything, 1, "alice");
            // One that came later is ended before, because nobody listens to it.
            await callModern(bridge.url, "touch", {}, { subject: "bob" });
            assert.equal(bridge.counts().children.leased, 2);
            await until(() => bridge.counts().children.leased === 1);
            await callModern(bridge.url, "touch", {}, { subject: "alice" });
            await stream.find(({ method }) => method === updated);
            stream.cut();
            await until(() => bridge.counts().children.leased === 0);
        } finally {
            await bridge.close();
        }
    });

    for (const isolation of ["session", "request"] as const) {
        it(`a client of 2026-07-28 is promised no news of ${kind} server under '${isolation}'`, async () => {
            const bridge = await startFixture({ command, isolation, warmChildren: 0 });
            try {
                const { last } = await requestModern(bridge.url, "server/discover", {});
                const { tools, prompts, resources } = last.result.capabilities;
                assert.deepEqual([tools, prompts, resources], [{}, {}, {}]);
                const stream = await openListening(bridge.url, everything, "silent");
                assert.equal(await stream.end(), "properly");
                assert.deepEqual(stream.messages.map(nameOf), [
                    "notifications/subscriptions/acknowledged",
                    "complete",
                ]);
                assert.deepEqual(stream.messages.map(ownerOf), ["silent", "silent"]);
                assert.deepEqual(stream.messages[0].params.notifications, {});
                assert.equal(bridge.counts().children.leased, 0);
            } finally {
                await bridge.close();
            }
        });
    }
}
