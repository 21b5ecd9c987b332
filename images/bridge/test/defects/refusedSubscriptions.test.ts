import assert from "node:assert/strict";
import { callModern } from "../support/callModern.ts";
import type { EventReader } from "../support/eventReader.ts";
import { openListening } from "../support/openListening.ts";
import { postModern } from "../support/post.ts";
import { openSession, type RawSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [first, second] = ["127.0.0.1", "127.0.0.2"];
const subject = "alice";
const servers = {
    "up to 2025-11-25": { command: remembering, code: -32002 },
    "of 2026-07-28": { command: modernOnly, code: -32602 },
};
const updates = (...sources: Pick<EventReader, "messages">[]): string[] =>
    sources
        .flatMap(({ messages }) => messages)
        .filter(({ method }) => method === "notifications/resources/updated")
        .map(({ params }) => params.uri);

for (const [era, { command, code }] of Object.entries(servers)) {
    for (const isolation of ["shared", "session"] as const) {
        describe(`a server ${era} that refuses a subscription of a session, under '${isolation}'`, () => {
            let replicas: Replicas;
            beforeEach(async () => {
                replicas = await startReplicas([first, second], { command, isolation });
            });
            afterEach(() => replicas.close());

            const open = async (at: string) => {
                const url = replicas.at[first]?.url ?? "";
                const session = await openSession(url, { subject });
                const stream = await session.listen();
                const there = session.as({ url: replicas.at[at]?.url ?? "" });
                return { session, there, stream };
            };
            const subscribe = async (session: RawSession, uri: string) =>
                (await session.request("resources/subscribe", { uri })).last;

            for (const at of [first, second]) {
                it(`has its error passed on, and tells of all else, at replica ${at}`, async () => {
                    const { session, there, stream } = await open(at);
                    assert.deepEqual((await subscribe(there, "memo://x")).result, {});
                    for (let attempt = 0; attempt < 2; attempt++) {
                        const { error } = await subscribe(there, "memo://refused");
                        assert.deepEqual(error, {
                            code,
                            message: "no such resource",
                            data: { uri: "memo://refused" },
                        });
                    }
                    assert.deepEqual((await subscribe(there, "memo://y")).result, {});
                    // What a process of the session says during a call may come with the call's answer.
                    const calls = [
                        await session.call("touch", { uri: "memo://x" }),
                        await session.call("touch", { uri: "memo://y" }),
                    ];
                    await until(() => updates(...calls, stream).length === 2);
                    assert.deepEqual(updates(...calls, stream).sort(), ["memo://x", "memo://y"]);
                    stream.cut();
                });
            }

            it("refuses none that is asked for at the same time", async () => {
                const { session, stream } = await open(first);
                const uris = ["memo://x", "memo://refused", "memo://y", "memo://refused"];
                const answers = await Promise.all(uris.map((uri) => subscribe(session, uri)));
                assert.deepEqual(
                    answers.map(({ error }) => error?.code),
                    [undefined, code, undefined, code],
                );
                const call = await session.call("touch", { uri: "memo://y" });
                await until(() => updates(call, stream).length === 1);
                stream.cut();
            });
        });
    }

    for (const isolation of ["shared", "principal"] as const) {
        describe(`a server ${era} that refuses a subscription of a client of 2026-07-28, under '${isolation}'`, () => {
            let replicas: Replicas;
            before(async () => {
                replicas = await startReplicas([first], { command, isolation });
            });
            after(() => replicas.close());

            it("is not taken to honour it", async () => {
                const url = replicas.at[first]?.url ?? "";
                const wanted = {
                    toolsListChanged: true,
                    resourceSubscriptions: ["memo://x", "memo://refused"],
                };
                if (command === modernOnly) {
                    const headers = { "x-auth-subject": subject };
                    const params = { notifications: wanted };
                    const { last } = await postModern(url, "subscriptions/listen", params, {
                        headers,
                    });
                    assert.deepEqual([last.id, last.error?.code], [1, code]);
                    return;
                }
                const stream = await openListening(url, wanted, "listening", subject);
                const [opening] = stream.messages;
                assert.equal(opening.method, "notifications/subscriptions/acknowledged");
                assert.deepEqual(opening.params.notifications, {
                    ...wanted,
                    resourceSubscriptions: ["memo://x"],
                });
                await callModern(url, "touch", { uri: "memo://refused" }, { subject });
                await callModern(url, "touch", {}, { subject });
                await until(() => updates(stream).length === 1);
                assert.deepEqual(updates(stream), ["memo://x"]);
                stream.cut();
            });

            if (command === modernOnly) {
                return;
            }

            it("ends a stream for which nothing is left", async () => {
                const url = replicas.at[first]?.url ?? "";
                const wanted = { resourceSubscriptions: ["memo://refused"] };
                const stream = await openListening(url, wanted, "listening", subject);
                assert.equal(await stream.end(), "properly");
            });
        });
    }
}

describe("a server of 2026-07-28 that acknowledges a subscription without the resource", () => {
    for (const isolation of ["shared", "session"] as const) {
        it(`does not have it taken for a success, under '${isolation}'`, async () => {
            const replicas = await startReplicas([first], { command: modernOnly, isolation });
            try {
                const session = await openSession(replicas.at[first]?.url ?? "", { subject });
                const ignored = { uri: "memo://ignored" };
                const { last } = await session.request("resources/subscribe", ignored);
                assert.match(last.error.message, /does not tell of changes to this resource/);
            } finally {
                await replicas.close();
            }
        });
    }
});
