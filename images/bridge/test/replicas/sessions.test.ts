import assert from "node:assert/strict";
import type { EventReader } from "../support/eventReader.ts";
import { openSession, type RawSession } from "../support/rawSession.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startReplicas, type Replicas } from "../support/startReplicas.ts";
import { until } from "../support/until.ts";

const [opening, other] = ["127.0.0.2", "127.0.0.3"] as const;
const asked = { roots: {} };
const askRoots = { method: "roots/list", params: {}, id: "same" };
const progress = ({ messages }: EventReader): unknown[] =>
    messages.map(({ params, result }) => params?.progress ?? result.content[0].text);

describe("a session at a replica that did not open it", () => {
    let replicas: Replicas;
    let a: RunningBridge;
    let b: RunningBridge;
    beforeEach(async () => {
        replicas = await startReplicas([opening, other], { graceSeconds: 1 });
        a = replicas.at[opening] as RunningBridge;
        b = replicas.at[other] as RunningBridge;
    });
    afterEach(() => replicas.close());

    const through = (session: RawSession) => session.as({ url: b.url });

    it("is passed on to its own process: calls, progress, questions, streams, the end", async () => {
        const session = await openSession(a.url, { capabilities: asked, subject: "alice" });
        const { pid } = await session.whoami();
        const elsewhere = through(session);
        assert.equal((await elsewhere.whoami()).pid, pid);
        assert.deepEqual([a.counts().sessions, b.counts().sessions], [1, 0]);

        const steps = await elsewhere.stream("progress", { steps: 3 }, { progressToken: "p" });
        await steps.end();
        assert.deepEqual(progress(steps), [1, 2, 3, "done"]);

        // Asked at one, answered at the other.
        const call = await elsewhere.stream("ask", askRoots);
        const { id } = await call.find(({ method }) => method === "roots/list");
        const roots = { roots: [{ uri: "file:///r" }] };
        assert.equal((await session.answer(id, roots)).status, 202);
        await call.end();
        assert.deepEqual(JSON.parse(call.messages.at(-1).result.content[0].text), roots);

        const stream = await elsewhere.listen();
        await until(() => stream.events.length > 0);
        const calls = [session, elsewhere].map((one) => one.call("sleep", { ms: 200 }));
        await until(() => a.counts().inFlight === 2);
        await session.call("announce");
        await stream.find(({ method }) => method === "notifications/tools/list_changed");
        await Promise.all(calls);
        assert.equal((await elsewhere.as({ subject: "bob" }).call("recall")).status, 404);
        assert.equal(await elsewhere.end(), 204);
        assert.equal(await stream.end(), "properly");
        assert.equal((await session.call("recall")).status, 404);
        assert.equal((await elsewhere.call("recall")).status, 404);
    });

    it("resumes a lost answer through the other", async () => {
        const session = await openSession(a.url, { capabilities: asked });
        const elsewhere = through(session);
        const call = await elsewhere.stream(
            "progress",
            { steps: 5, ms: 60 },
            { progressToken: "p" },
        );
        await call.count(2);
        call.cut();
        const resumed = await elsewhere.listen(call.ids.at(-1));
        assert.equal(await resumed.end(), "properly");
        assert.deepEqual([...progress(call), ...progress(resumed)], [1, 2, 3, 4, 5, "done"]);
    });

    it("is served there when it needs no process of its own, with its streams at the opening replica", async () => {
        const session = await openSession(a.url);
        const elsewhere = through(session);
        assert.equal((await elsewhere.whoami()).pid, b.child.pid);
        assert.equal((await session.whoami()).pid, a.child.pid);
        const stream = await elsewhere.listen();
        await session.call("announce");
        await stream.find(({ method }) => method === "notifications/tools/list_changed");
        assert.equal(
            (await elsewhere.request("resources/subscribe", { uri: "memo://x" })).status,
            200,
        );
        assert.deepEqual((await session.whoami()).subscriptions, ["memo://x"]);
        stream.cut();
        await until(() => a.counts().streams + b.counts().streams === 0);
    });

    it("resumes an answer of the replica that gave it, though another replica opened the session", async () => {
        const session = await openSession(a.url);
        const steps = [{ steps: 5, ms: 60 }, { progressToken: "p" }] as const;
        // The opening replica has streams of the same session too.
        await (await session.stream("progress", { steps: 9 }, { progressToken: "p" })).end();
        const call = await through(session).stream("progress", ...steps);
        await call.count(2);
        call.cut();
        const resumed = await session.listen(call.ids.at(-1));
        assert.equal(await resumed.end(), "properly");
        assert.deepEqual([...progress(call), ...progress(resumed)], [1, 2, 3, 4, 5, "done"]);
    });

    it("is cancelled through the other, and ended for all when one is told", async () => {
        const session = await openSession(a.url);
        const elsewhere = through(session);
        const long = session.call("sleep", { ms: 60_000 }, { id: "long" });
        await until(() => a.counts().calls === 1);
        const cancel = { requestId: "long", reason: "enough" };
        await elsewhere.notify("notifications/cancelled", cancel);
        assert.equal((await long).last.error.message, "enough");
        assert.equal((await elsewhere.call("recall")).status, 200);
        assert.equal(await session.end(), 204);
        await until(async () => (await elsewhere.call("recall")).status === 404);
    });

    it("goes on where its opening replica is gone when nothing was there, and is over when its process was", async () => {
        const plain = await openSession(a.url);
        const own = await openSession(a.url, { capabilities: asked });
        const lost = through(own).call("sleep", { ms: 60_000 });
        await until(() => a.counts().children.leased === 1 && a.counts().inFlight === 1);
        const stream = await through(plain).listen();
        await plain.call("announce");
        await stream.count(1);
        const last = stream.ids.at(-1);
        const closing = a.close();
        assert.equal(await stream.end(), "properly");
        await closing;
        assert.equal((await lost).last.error.message, "the session is over");
        assert.equal(await through(plain).tell("recall"), "null");
        for (const from of [last, undefined]) {
            const again = await through(plain).listen(from);
            assert.equal(again.status, 200);
            await through(plain).call("announce");
            await again.find(({ method }) => method === "notifications/tools/list_changed");
            again.cut();
        }
        for (const status of [
            (await through(own).call("recall")).status,
            (await through(own).listen()).status,
            await through(own).end(),
        ]) {
            assert.equal(status, 404);
        }
    });
});
