import assert from "node:assert/strict";
import { openStream } from "../support/eventStream.ts";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const hangs = ({ log }: RunningBridge) => log.filter(({ event }) => event === "server hangs");

describe("a server that runs but does not answer any more", () => {
    it("is replaced although nobody calls it", async () => {
        const bridge = await startUnruly({ pingSeconds: 1 });
        try {
            await post(bridge.url, callTool("hang"));
            const first = bridge.child.pid;
            await until(() => hangs(bridge).length === 1);
            assert.equal(hangs(bridge)[0]?.pid, first);
            await until(() => bridge.child.description !== undefined && bridge.child.pid !== first);
            assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "x" }))), "x");
        } finally {
            await bridge.close();
        }
    });

    it("is left alone while it works on a call, however long it is silent", async () => {
        const bridge = await startUnruly({ pingSeconds: 1 });
        try {
            const answer = await post(bridge.url, callTool("work", { ms: 3500 }));
            assert.equal(textOf(answer), "worked");
            assert.equal(hangs(bridge).length, 0);
            assert.equal(bridge.child.restarts, 0);
        } finally {
            await bridge.close();
        }
    });

    it("is left alone when it has nothing to do and answers a ping, by an error as well", async () => {
        const bridge = await startFixture({ pingSeconds: 1, graceSeconds: 0 });
        try {
            await until(() => bridge.child.description !== undefined);
            const { connection } = bridge.child;
            // This server refuses pings; what counts is that it speaks.
            await until(() => connection.silence > 900);
            await until(() => connection.silence < 500);
            await until(() => connection.silence > 900);
            await until(() => connection.silence < 500);
            assert.equal(bridge.child.restarts, 0);
        } finally {
            await bridge.close();
        }
    });

    it("is replaced although somebody listens to it, as clients do all day", async () => {
        const bridge = await startFixture({
            command: modernOnly,
            pingSeconds: 1,
            graceSeconds: 0,
        });
        try {
            const headers = await enterSession(bridge.url);
            const stream = await openStream(bridge.url, undefined, { headers });
            await postModern(bridge.url, "tools/list");
            const { pid = 0 } = bridge.child;
            // A stopped process hangs like no other.
            process.kill(pid, "SIGSTOP");
            await until(() => hangs(bridge).length === 1);
            await until(() => bridge.child.description !== undefined && bridge.child.pid !== pid);
            stream.leave();
        } finally {
            await bridge.close();
        }
    });
});
