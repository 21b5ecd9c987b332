import assert from "node:assert/strict";
import { callTool, post, postModern, textOf } from "./support/post.ts";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";
import { isAlive } from "./support/isAlive.ts";
import { until } from "./support/until.ts";

const get = async (bridge: RunningBridge, path: string) =>
    (await fetch(new URL(path, bridge.url))).status;

describe("a server that dies", () => {
    let bridge: RunningBridge;
    beforeEach(async () => {
        bridge = await startFixture();
        await until(() => bridge.child.description !== undefined);
    });
    afterEach(() => bridge.close());

    it("fails every call in flight with how it ended, and the next call finds a new one", async () => {
        const waiting = post(bridge.url, callTool("sleep", { ms: 60_000 }, { id: "w" }));
        await until(() => bridge.counts().calls === 1);
        const first = bridge.child.pid;
        const { last } = await post(bridge.url, callTool("crash", { code: 42 }));
        assert.deepEqual(last.error, {
            code: -32603,
            message: "the server exited with code 42 before it answered",
            data: { code: 42, signal: null },
        });
        assert.deepEqual((await waiting).last.error, last.error);
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "new" }))), "new");
        assert.notEqual(bridge.child.pid, first);
        const { initialized } = JSON.parse(textOf(await post(bridge.url, callTool("received"))));
        assert.equal(initialized, 1);
    });

    it("names the signal that ended it", async () => {
        const waiting = post(bridge.url, callTool("sleep", { ms: 60_000 }));
        await until(() => bridge.counts().calls === 1);
        process.kill(bridge.child.pid ?? 0, "SIGKILL");
        const { error } = (await waiting).last;
        assert.equal(error.message, "the server was ended by SIGKILL before it answered");
    });

    it("is not ready until the new one has shaken hands", async () => {
        await until(async () => (await get(bridge, "/readyz")) === 200);
        process.kill(bridge.child.pid ?? 0, "SIGKILL");
        await until(async () => (await get(bridge, "/readyz")) === 503);
        assert.equal(await get(bridge, "/livez"), 200);
        await until(async () => (await get(bridge, "/readyz")) === 200);
    });

    it("tells listeners that its lists may have changed", async () => {
        const stream = postModern(bridge.url, "subscriptions/listen", {
            notifications: { resourcesListChanged: true },
        });
        await until(() => bridge.counts().streams === 1);
        await post(bridge.url, callTool("crash"));
        await post(bridge.url, callTool("echo", { value: "" }));
        await bridge.close();
        const { messages } = await stream;
        assert.equal(messages[1].method, "notifications/resources/list_changed");
    });

    it("is ended when it closed its output and so can never answer", async () => {
        const { last } = await post(bridge.url, callTool("mute"));
        assert.equal(last.error.message, "the server was ended by SIGKILL before it answered");
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "new" }))), "new");
    });

    it("takes its grandchildren along, though they hold its stdout", async () => {
        const grandchild = Number(textOf(await post(bridge.url, callTool("grandchild"))));
        assert.ok(isAlive(grandchild));
        const { last } = await post(bridge.url, callTool("crash"));
        assert.equal(last.error.code, -32603);
        await until(() => !isAlive(grandchild));
    });
});

describe("a server that cannot run", () => {
    it("is a crash loop after a while: not alive, never ready, and each call is told", async () => {
        const bridge = await startFixture({ command: ["/no/such/program"] });
        try {
            await until(async () => (await get(bridge, "/livez")) === 503, 15_000);
            assert.equal(await get(bridge, "/readyz"), 503);
            const ended = bridge.log.find(({ event }) => event === "server ended");
            assert.match(
                String(ended?.reason),
                /could not be started: .*ENOENT.*'\/no\/such\/program'/,
            );
        } finally {
            await bridge.close();
        }
    });

    it("fails its handshake in time when it says nothing", async () => {
        const command = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
        const bridge = await startFixture({ command, startSeconds: 1 });
        try {
            await until(() => bridge.log.some(({ event }) => event === "handshake failed"));
            const failed = bridge.log.find(({ event }) => event === "handshake failed");
            assert.equal(failed?.reason, "the server did not answer 'initialize' within 1000 ms");
        } finally {
            await bridge.close();
        }
    });
});

describe("a server that stays", () => {
    it("is ended with its group although it ignores its input's end and SIGTERM", async () => {
        const bridge = await startFixture();
        await post(bridge.url, callTool("stubborn"));
        const grandchild = Number(textOf(await post(bridge.url, callTool("grandchild"))));
        const { pid = 0 } = bridge.child;
        await bridge.close();
        assert.equal(isAlive(pid), false);
        await until(() => !isAlive(grandchild));
    });

    it("is not waited for longer than a call may take", async () => {
        const bridge = await startFixture({ callSeconds: 1 });
        try {
            const { last } = await post(bridge.url, callTool("sleep", { ms: 60_000 }));
            assert.equal(last.error.message, "the server did not answer within 1 s");
            const seen = JSON.parse(textOf(await post(bridge.url, callTool("cancelled"))));
            assert.deepEqual(seen.waiting, []);
        } finally {
            await bridge.close();
        }
    });
});

describe("the environment of the server", () => {
    it("holds what every program needs and what was named, and nothing else of the bridge", async () => {
        process.env.SLIPWAY_TEST_SECRET = "hidden";
        process.env.SLIPWAY_TEST_NAMED = "shown";
        const bridge = await startFixture({ childEnvironment: ["SLIPWAY_TEST_NAMED"] });
        try {
            const seen = JSON.parse(textOf(await post(bridge.url, callTool("environment"))));
            assert.equal(seen.PATH, process.env.PATH);
            assert.equal(seen.SLIPWAY_TEST_NAMED, "shown");
            assert.equal("SLIPWAY_TEST_SECRET" in seen, false);
        } finally {
            delete process.env.SLIPWAY_TEST_SECRET;
            delete process.env.SLIPWAY_TEST_NAMED;
            await bridge.close();
        }
    });
});
