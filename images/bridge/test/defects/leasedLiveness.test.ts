import assert from "node:assert/strict";
import { callModern } from "../support/callModern.ts";
import { isAlive } from "../support/isAlive.ts";
import { openSession } from "../support/rawSession.ts";
import { textOf } from "../support/post.ts";
import type { LogEntry, RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const find = ({ log }: RunningBridge, event: string): LogEntry[] =>
    log.filter((entry) => entry.event === event);

describe("a process of one client that runs but does not answer any more", () => {
    it("ends, and with it its session, whose client begins anew", async () => {
        const bridge = await startUnruly({ isolation: "session", pingSeconds: 1 });
        try {
            const session = await openSession(bridge.url);
            const other = await openSession(bridge.url);
            const stream = await session.listen();
            const pid = Number(await session.tell("pid"));
            await session.call("hang");
            await until(() => find(bridge, "server hangs").length === 1);
            assert.equal(find(bridge, "server hangs")[0]?.pid, pid);
            assert.equal(await stream.end(), "properly");
            assert.equal((await session.call("pid")).status, 404);
            assert.equal(isAlive(pid), false);
            assert.match(await (await openSession(bridge.url)).tell("pid"), /^\d+$/);
            assert.match(await other.tell("pid"), /^\d+$/);
            assert.equal(bridge.child.restarts, 0);
        } finally {
            await bridge.close();
        }
    });

    it("fails a call that came when it had left a ping unanswered, and says why", async () => {
        const bridge = await startUnruly({ isolation: "session", pingSeconds: 2 });
        try {
            const session = await openSession(bridge.url);
            await session.call("hang");
            await until(() => find(bridge, "ping unanswered").length === 1);
            const { last } = await session.call("echo", { value: "x" });
            assert.deepEqual(last.error, {
                code: -32603,
                message: "the server hangs: it did not answer a ping, and was ended",
                data: { code: null, signal: "SIGKILL" },
            });
            assert.equal((await session.call("pid")).status, 404);
        } finally {
            await bridge.close();
        }
    });

    it("is left alone while it works on a call, however long it is silent", async () => {
        const bridge = await startUnruly({ isolation: "session", pingSeconds: 1 });
        try {
            const session = await openSession(bridge.url);
            assert.equal(await session.tell("work", { ms: 3500 }), "worked");
            assert.deepEqual(find(bridge, "ping unanswered"), []);
            assert.equal((await session.call("pid")).status, 200);
        } finally {
            await bridge.close();
        }
    });

    it("ends when it is a caller's, whose next request finds another", async () => {
        const identity = "headers" as const;
        const bridge = await startUnruly({ isolation: "principal", identity, pingSeconds: 1 });
        try {
            const call = { subject: "alice" };
            const pid = Number(textOf(await callModern(bridge.url, "pid", {}, call)));
            await callModern(bridge.url, "hang", {}, call);
            await until(() => find(bridge, "server hangs").length === 1);
            assert.equal(find(bridge, "server hangs")[0]?.pid, pid);
            await until(() => bridge.counts().children.leased === 0);
            const next = Number(textOf(await callModern(bridge.url, "pid", {}, call)));
            assert.notEqual(next, pid);
        } finally {
            await bridge.close();
        }
    });

    it("ends when it only waits to be used again", async () => {
        const bridge = await startUnruly({ identity: "headers", pingSeconds: 1, warmChildren: 0 });
        try {
            const call = { subject: "alice", capabilities: { roots: {} } };
            await callModern(bridge.url, "hang", {}, call);
            assert.equal(bridge.counts().children.kept, 1);
            await until(() => find(bridge, "server hangs").length === 1);
            await until(() => bridge.counts().children.kept === 0);
        } finally {
            await bridge.close();
        }
    });
});
