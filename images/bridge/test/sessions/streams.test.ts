import assert from "node:assert/strict";
import { openSession, type RawSession } from "../support/rawSession.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

/** What the server writes when it has asked for the roots. */
const told = "asked for the roots";
const listChanged = (list: string) => `notifications/${list}/list_changed`;

describe("the streams of a session with a process of its own", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: [...remembering, "--ask-roots"] });
        // The shared process asks too, and is refused.
        await until(() => count() === 1);
    });
    after(() => bridge.close());

    const count = () => bridge.log.filter(({ message }) => message === told).length;

    /** A session whose server has asked already, with no call on which it could. */
    async function openAsked(version = "2025-11-25"): Promise<RawSession> {
        const before = count();
        const session = await openSession(bridge.url, { capabilities: { roots: {} }, version });
        await until(() => count() > before);
        return session;
    }

    it("are primed with an id, and give every event an id of its own", async () => {
        const session = await openAsked();
        const stream = await session.listen();
        // What the server asks at its start comes here, as long as no call is in flight.
        await stream.count(1);
        const call = await session.stream("progress", { steps: 5 }, { progressToken: "p" });
        assert.equal(await call.end(), "properly");
        for (const { events } of [call, stream]) {
            assert.equal(events[0]?.message, undefined);
        }
        const ids = [...call.ids, ...stream.ids];
        assert.equal(ids.length, 9);
        assert.ok(ids.every((id) => /^[\x21-\x7e]+$/.test(id ?? "")));
        assert.equal(new Set(ids).size, 9);
        stream.cut();
    });

    it("are not primed for a client of 2025-06-18, which knows no event without a message", async () => {
        const session = await openAsked("2025-06-18");
        const call = await session.stream("progress", { steps: 5 }, { progressToken: "p" });
        await call.end();
        const stream = await session.listen();
        await stream.count(1);
        assert.deepEqual([call.events.length, stream.events.length], [6, 1]);
        stream.cut();
    });

    it("deliver what was said before there was one, once", async () => {
        const session = await openAsked();
        const stream = await session.listen();
        const { id } = await stream.find(({ method }) => method === "roots/list");
        const roots = { roots: [{ uri: "file:///r" }] };
        assert.equal((await session.answer(id, roots)).status, 202);
        await until(async () => (await session.whoami()).roots !== null);
        assert.deepEqual((await session.whoami()).roots, roots);
        stream.cut();
        const again = await session.listen();
        await until(() => again.events.length > 0);
        assert.deepEqual(again.messages, []);
        again.cut();
    });

    it("carry what belongs to one of several calls besides them, what belongs to the only one in it", async () => {
        const session = await openAsked();
        const stream = await session.listen();
        await stream.count(1);
        const alone = await session.call("announce");
        assert.equal(alone.messages[0].method, listChanged("tools"));
        const long = session.call("sleep", { ms: 60_000 });
        await until(() => bridge.counts().inFlight === 1);
        const { messages } = await session.call("announce", { list: "prompts" });
        assert.equal(messages.length, 1);
        await stream.find(({ method }) => method === listChanged("prompts"));
        assert.equal(await session.end(), 204);
        assert.equal((await long).last.error.message, "the session is over");
        assert.equal(await stream.end(), "properly");
    });
});

describe("the streams of a session of a shared process", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering });
    });
    after(() => bridge.close());

    it("are of one kind however many there are: each message comes on one, as long as one is left", async () => {
        const session = await openSession(bridge.url);
        const [older, newer] = [await session.listen(), await session.listen()];
        const announce = (list: string) => session.tell("announce", { list });
        await announce("tools");
        await newer.find(({ method }) => method === listChanged("tools"));
        newer.cut();
        await until(() => bridge.counts().streams === 1);
        await announce("prompts");
        await older.find(({ method }) => method === listChanged("prompts"));
        assert.deepEqual([older.messages.length, newer.messages.length], [1, 1]);
        older.cut();
        await until(() => bridge.counts().streams === 0);
    });

    it("are a few at once: who opens more loses the oldest", async () => {
        const session = await openSession(bridge.url);
        const streams = [];
        for (let count = 0; count < 6; count++) {
            streams.push(await session.listen());
        }
        const [first, second, ...rest] = streams;
        assert.equal(await first?.end(), "properly");
        assert.equal(await second?.end(), "properly");
        assert.deepEqual(
            rest.map(({ ended }) => ended),
            [undefined, undefined, undefined, undefined],
        );
        assert.equal(await session.end(), 204);
        for (const stream of rest) {
            assert.equal(await stream.end(), "properly");
        }
    });

    it("deliver what was said between two of them, with the id of the last event or without", async () => {
        const session = await openSession(bridge.url);
        const other = await openSession(bridge.url);
        let stream = await session.listen();
        for (const named of [false, true]) {
            await until(() => stream.events.length > 0);
            const last = stream.ids.at(-1);
            stream.cut();
            await until(() => bridge.counts().streams === 0);
            await other.tell("announce", { list: "resources" });
            stream = await session.listen(named ? last : undefined);
            await stream.count(1);
            assert.equal(stream.messages[0].method, listChanged("resources"));
        }
        assert.equal(stream.messages.length, 1);
        stream.cut();
    });

    it("reach the sessions that listen, and no other client", async () => {
        const [listener, deaf, caller] = [
            await openSession(bridge.url),
            await openSession(bridge.url),
            await openSession(bridge.url),
        ];
        const stream = await listener.listen();
        const { messages } = await caller.call("announce");
        assert.equal(messages.length, 1);
        await stream.count(1);
        const late = await deaf.listen();
        await until(() => late.events.length > 0);
        assert.deepEqual([stream.messages.length, late.messages.length], [1, 0]);
        [stream, late].forEach((open) => open.cut());
    });

    it("need a client that takes a stream", async () => {
        const session = await openSession(bridge.url);
        const headers = { ...session.headers, accept: "application/json" };
        assert.equal((await fetch(bridge.url, { headers })).status, 406);
    });
});
