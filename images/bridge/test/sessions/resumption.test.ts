import assert from "node:assert/strict";
import type { EventReader } from "../support/eventReader.ts";
import { openSession, type RawSession } from "../support/rawSession.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

/** Progress by its number, results by their text. */
const said = ({ messages }: EventReader): unknown[] =>
    messages.map(({ params, result }) => params?.progress ?? result.content[0].text);
const progress = (session: RawSession, ms: number) =>
    session.stream("progress", { steps: 5, ms }, { progressToken: "p" });
const whole = [1, 2, 3, 4, 5, "done"];

describe("an answer whose connection is lost", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ command: remembering });
    });
    after(() => bridge.close());

    const finished = () =>
        bridge.log.filter(({ event, name }) => event === "call" && name === "progress").length;

    for (const capabilities of [{}, { sampling: {} }]) {
        const whose = "sampling" in capabilities ? "its own" : "a shared";
        it(`goes on where it was, while the call goes on in ${whose} process`, async () => {
            const session = await openSession(bridge.url, { capabilities });
            const call = await progress(session, 100);
            await call.count(2);
            call.cut();
            const before = finished();
            const resumed = await session.listen(call.ids.at(-1));
            assert.equal(finished(), before);
            assert.equal(await resumed.end(), "properly");
            assert.deepEqual([...said(call), ...said(resumed)], whole);
        });

        it(`is there when the call is over in ${whose} process, as often as it is asked for`, async () => {
            const session = await openSession(bridge.url, { capabilities });
            const before = finished();
            const call = await progress(session, 20);
            await call.count(2);
            const last = call.ids.at(-1);
            const seen = said(call);
            call.cut();
            await until(() => finished() === before + 1);
            for (const from of [last, last, call.ids[0]]) {
                const resumed = await session.listen(from);
                assert.equal(await resumed.end(), "properly");
                const expected = from === last ? whole.slice(seen.length) : whole;
                assert.deepEqual(said(resumed), expected);
            }
        });
    }

    it("can be lost more than once", async () => {
        const session = await openSession(bridge.url);
        let stream = await progress(session, 60);
        const all: unknown[] = [];
        for (let part = 0; part < 3; part++) {
            await stream.count(1);
            stream.cut();
            await stream.end();
            all.push(...said(stream));
            stream = await session.listen(stream.ids.at(-1));
        }
        await stream.end();
        assert.deepEqual([...all, ...said(stream)], whole);
    });

    it("is nothing to another session", async () => {
        const session = await openSession(bridge.url);
        const call = await progress(session, 1);
        await call.end();
        const other = await openSession(bridge.url);
        assert.equal((await other.listen(call.ids[0])).status, 400);
    });

    for (const id of ["99-0", "0-99", "nonsense", ""]) {
        it(`is not there for the event id '${id}', which no session gave`, async () => {
            const session = await openSession(bridge.url);
            const { status, ended } = await session.listen(id);
            assert.deepEqual([status, ended], [400, undefined]);
        });
    }
});

describe("events that are kept", () => {
    for (const [what, limits] of [
        ["events", { maxSessionEvents: 3 }],
        ["bytes", { maxSessionEventBytes: 350 }],
    ] as const) {
        it(`are so many ${what} at most: who is further behind is told`, async () => {
            const bridge = await startFixture({ command: remembering, ...limits });
            try {
                const session = await openSession(bridge.url);
                const call = await progress(session, 1);
                await call.end();
                const { ids } = call;
                const { status } = await session.listen(ids[1]);
                assert.equal(status, 400);
                const resumed = await session.listen(ids.at(-3));
                await resumed.end();
                assert.deepEqual(said(resumed), [5, "done"]);
                // What is sent is kept in place of older events, of whatever stream.
                await (await progress(session, 1)).end();
                assert.equal((await session.listen(ids.at(-3))).status, 400);
            } finally {
                await bridge.close();
            }
        });
    }
});
