import assert from "node:assert/strict";
import { callModern, whoamiModern } from "../support/callModern.ts";
import { initialize, openSession } from "../support/rawSession.ts";
import { isAlive } from "../support/isAlive.ts";
import { listServers } from "../support/listServers.ts";
import { callTool, post, textOf, type Answered } from "../support/post.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const asked = { elicitation: {} };
const common = { command: remembering, identity: "headers" as const };

/** Processes that are not shared. */
function count(bridge: RunningBridge): number {
    const { leased, warm, kept } = bridge.counts().children;
    return leased + warm + kept;
}

function assertFull({ status, headers, last }: Answered): void {
    assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
    assert.match(last.error.message, /has its \d processes, all in use/);
}

describe("as many processes as there may be", () => {
    it("are not exceeded by sessions; one that ends makes room", async () => {
        const bridge = await startFixture({
            ...common,
            isolation: "session",
            maxChildren: 2,
            warmChildren: 0,
        });
        try {
            const sessions = [await openSession(bridge.url), await openSession(bridge.url)];
            const calls = sessions.map((session) => session.call("sleep", { ms: 60_000 }));
            await until(() => bridge.counts().inFlight === 2);
            assertFull(await initialize(bridge.url));
            assertFull(await callModern(bridge.url, "recall"));
            assert.equal(await sessions[0]?.end(), 204);
            await until(async () => (await initialize(bridge.url)).status === 200);
            assert.equal((await calls[0])?.last.error.message, "the session is over");
            assert.equal(await sessions[1]?.tell("recall"), "null");
            assert.equal(bridge.counts().children.leased, 2);
            await sessions[1]?.end();
            await calls[1];
        } finally {
            await bridge.close();
        }
    });

    it("are not exceeded by requests; an answer makes room", async () => {
        const bridge = await startFixture({ ...common, isolation: "request", maxChildren: 1 });
        try {
            const long = callModern(bridge.url, "sleep", { ms: 300 });
            await until(() => bridge.counts().children.leased === 1);
            assertFull(await callModern(bridge.url, "recall"));
            assertFull(await post(bridge.url, callTool("recall")));
            assert.equal(textOf(await long), "slept");
            await until(async () => (await callModern(bridge.url, "recall")).status === 200);
        } finally {
            await bridge.close();
        }
    });

    it("are not exceeded by callers; one that stays away makes room", async () => {
        const bridge = await startFixture({
            ...common,
            isolation: "principal",
            maxChildren: 1,
            sessionIdleSeconds: 1,
        });
        try {
            const { pid } = await whoamiModern(bridge.url, { subject: "alice" });
            assertFull(await callModern(bridge.url, "recall", {}, { subject: "bob" }));
            await until(async () => {
                const { status } = await callModern(bridge.url, "recall", {}, { subject: "bob" });
                return status === 200;
            });
            assert.equal(isAlive(pid), false);
        } finally {
            await bridge.close();
        }
    });
});

describe("processes kept ready", () => {
    it("are taken by the next lease, and replaced", async () => {
        const before = listServers("rememberingServer");
        const bridge = await startFixture({ ...common, isolation: "session", warmChildren: 1 });
        try {
            await until(() => bridge.counts().children.warm === 1);
            await until(() => bridge.child.description !== undefined);
            const [warm] = listServers("rememberingServer").filter(
                (pid) => !before.includes(pid) && pid !== bridge.child.pid,
            );
            const session = await openSession(bridge.url);
            const seen = await session.whoami();
            assert.equal(seen.pid, warm);
            assert.deepEqual(seen.handshakes, { initialize: 1, initialized: 1 });
            await until(() => bridge.counts().children.warm === 1);
        } finally {
            await bridge.close();
        }
    });

    it("are none for a server that nobody leases", async () => {
        const bridge = await startFixture(common);
        try {
            await openSession(bridge.url);
            assert.equal(bridge.counts().children.warm, 0);
            await openSession(bridge.url, { capabilities: asked });
            await until(() => bridge.counts().children.warm === 1);
        } finally {
            await bridge.close();
        }
    });
});

describe("the process of one caller", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startFixture({ ...common, maxChildren: 4, sessionIdleSeconds: 1 });
    });
    after(() => bridge.close());

    it("goes to the same caller's next request when it declares the same, to no other", async () => {
        const whoami = async (subject?: string, capabilities: object = asked): Promise<number> => {
            const call = { capabilities: { ...capabilities } };
            return (
                await whoamiModern(bridge.url, subject === undefined ? call : { ...call, subject })
            ).pid;
        };
        const first = await whoami("alice");
        assert.equal(bridge.counts().children.kept, 1);
        assert.equal(await whoami("alice"), first);
        assert.notEqual(await whoami("bob"), first);
        assert.notEqual(await whoami("alice", { sampling: {} }), first);
        assert.equal(await whoami("alice"), first);
    });

    it("makes room, when it only waits, for one that is needed; there are never more than may be", async () => {
        // The first call of its era also looks for a server that speaks it.
        await callModern(bridge.url, "recall");
        const others = listServers("rememberingServer").length - count(bridge);
        let most = 0;
        const watch = setInterval(() => {
            most = Math.max(most, listServers("rememberingServer").length - others);
        }, 1);
        for (const subject of ["a", "b", "c", "d", "e", "f"]) {
            const call = { subject, capabilities: asked };
            assert.equal((await callModern(bridge.url, "recall", {}, call)).status, 200);
            assert.ok(count(bridge) <= 4);
        }
        clearInterval(watch);
        assert.equal(most, 4);
    });

    it("ends with the request of a caller of whom nothing is known", async () => {
        const { pid } = await whoamiModern(bridge.url, { capabilities: asked });
        await until(() => !isAlive(pid));
    });

    it("is replaced when it died while it waited", async () => {
        const call = { subject: "mallory", capabilities: asked };
        const { pid } = await whoamiModern(bridge.url, call);
        const { kept } = bridge.counts().children;
        process.kill(pid, "SIGKILL");
        await until(() => bridge.counts().children.kept < kept);
        const next = await callModern(bridge.url, "whoami", {}, call);
        assert.notEqual(JSON.parse(textOf(next)).pid, pid);
    });

    it("ends when its session is ended, or idle for long", async () => {
        for (const goodbye of [true, false]) {
            const session = await openSession(bridge.url, { capabilities: asked });
            const { pid } = await session.whoami();
            if (goodbye) {
                assert.equal(await session.end(), 204);
            }
            await until(() => !isAlive(pid));
            assert.equal((await session.call("recall")).status, 404);
        }
    });
});

describe("a process that belongs to somebody", () => {
    it("fails, when it dies, its session's calls with how it ended, and ends the session", async () => {
        const bridge = await startFixture(common);
        try {
            const session = await openSession(bridge.url, { capabilities: asked });
            const stream = await session.listen();
            const waiting = session.call("sleep", { ms: 60_000 });
            await until(() => bridge.counts().inFlight === 1);
            const { last } = await session.call("crash", { code: 42 });
            assert.deepEqual(last.error, {
                code: -32603,
                message: "the server exited with code 42 before it answered",
                data: { code: 42, signal: null },
            });
            assert.deepEqual((await waiting).last.error, last.error);
            assert.equal(await stream.end(), "properly");
            assert.equal((await session.call("recall")).status, 404);
            assert.equal(bridge.counts().sessions, 0);
            const next = await openSession(bridge.url, { capabilities: asked });
            assert.equal(await next.tell("recall"), "null");
        } finally {
            await bridge.close();
        }
    });

    it("serves whatever that caller does, and none of it ends it", async () => {
        const bridge = await startFixture({ ...common, isolation: "principal" });
        try {
            const subject = "alice";
            const headers = { "x-auth-subject": subject };
            const [first, second] = [
                await openSession(bridge.url, { subject, capabilities: asked }),
                await openSession(bridge.url, { subject }),
            ];
            const { pid } = await first.whoami();
            await post(bridge.url, callTool("recall"), { headers });
            await callModern(bridge.url, "recall", {}, { subject });
            const rest = await fetch(new URL("/tools/recall", bridge.url), {
                method: "POST",
                headers: { ...headers, "content-type": "application/json" },
                body: "{}",
            });
            assert.equal(rest.status, 200);
            assert.equal(await first.end(), 204);
            assert.equal((await second.whoami()).pid, pid);
            assert.equal(bridge.counts().children.leased, 1);
        } finally {
            await bridge.close();
        }
    });

    it("fails, when it dies, its request in both eras, and the caller's next one finds another", async () => {
        const bridge = await startFixture({ ...common, isolation: "principal" });
        try {
            const subject = "alice";
            const { pid } = await whoamiModern(bridge.url, { subject });
            const { last } = await callModern(bridge.url, "crash", {}, { subject });
            assert.match(last.error.message, /exited with code 3 before it answered/);
            const headers = { "x-auth-subject": subject };
            const again = await post(bridge.url, callTool("crash"), { headers });
            assert.match(again.last.error.message, /exited with code 3/);
            assert.notEqual((await whoamiModern(bridge.url, { subject })).pid, pid);
        } finally {
            await bridge.close();
        }
    });
});
