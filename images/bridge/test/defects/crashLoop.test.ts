import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RestartPolicy } from "../../src/processes/restartPolicy.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly, unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const read = async ({ url }: RunningBridge, path: string) => await fetch(new URL(path, url));
const pauses = ({ log }: RunningBridge) =>
    log.filter(({ event }) => event === "server ended").map(({ restartInMs }) => restartInMs);

async function readRestarts(bridge: RunningBridge): Promise<number> {
    const text = await (await read(bridge, "/metrics")).text();
    return Number(/^mcp_child_restarts_total\{.*\} (\d+)$/m.exec(text)?.[1]);
}

describe("a server that ends right after its handshake, again and again", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly({ command: unruly("--die-after-handshake") });
        await until(() => pauses(bridge).length >= 6, 15_000);
    });
    after(() => bridge.close());

    it("is started again after pauses that double", () => {
        assert.deepEqual(pauses(bridge).slice(0, 6), [100, 200, 400, 800, 1600, 3200]);
    });

    it("makes the bridge neither ready nor alive, so that the platform takes over", async () => {
        assert.equal((await read(bridge, "/readyz")).status, 503);
        assert.equal((await read(bridge, "/livez")).status, 503);
    });

    it("is counted", async () => {
        assert.ok((await readRestarts(bridge)) >= 5);
    });
});

describe("a server that waited for what it needs", () => {
    it("is alive as soon as it is ready, however often it was started before", async () => {
        const file = join(mkdtempSync(join(tmpdir(), "slipway-needs-")), "needed");
        const bridge = await startUnruly({ childSecretFiles: { NEEDED: file } });
        try {
            await until(() => pauses(bridge).length >= 6, 15_000);
            assert.equal((await read(bridge, "/livez")).status, 503);
            writeFileSync(file, "there");
            await until(() => bridge.child.description !== undefined, 15_000);
            assert.equal((await read(bridge, "/livez")).status, 200);
            assert.equal((await read(bridge, "/readyz")).status, 200);
        } finally {
            await bridge.close();
        }
    });
});

describe("a server that ended once", () => {
    it("is back at once, counted, and leaves the bridge alive and ready", async () => {
        const bridge = await startUnruly();
        try {
            assert.equal(await readRestarts(bridge), 0);
            await post(bridge.url, callTool("crash"));
            assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "x" }))), "x");
            assert.equal(await readRestarts(bridge), 1);
            assert.equal(bridge.child.restarts, 1);
            assert.equal((await read(bridge, "/readyz")).status, 200);
            assert.equal((await read(bridge, "/livez")).status, 200);
        } finally {
            await bridge.close();
        }
    });
});

describe("RestartPolicy", () => {
    it("takes a long run for the end of a series", () => {
        const policy = new RestartPolicy();
        assert.deepEqual(
            [0, 1000, 0].map((ready) => policy.noteExit(ready)),
            [100, 200, 400],
        );
        assert.equal(policy.noteExit(30_000), 100);
        assert.equal(policy.noteExit(0), 200);
    });

    it("waits half a minute at most", () => {
        const policy = new RestartPolicy();
        const longest = Math.max(...Array.from({ length: 100 }, () => policy.noteExit(0)));
        assert.equal(longest, 30_000);
    });

    it("calls it a loop while no run is ready", () => {
        const policy = new RestartPolicy();
        for (let failures = 1; failures < 6; failures++) {
            policy.noteExit(0);
            assert.equal(policy.isLooping(false), false);
        }
        policy.noteExit(0);
        assert.equal(policy.isLooping(false), true);
        assert.equal(policy.isLooping(true), false);
    });
});

describe("a secret file that cannot be read", () => {
    const file = join(mkdtempSync(join(tmpdir(), "slipway-secret-")), "token");

    it("is named as the reason why there is no server, and read again at the next start", async () => {
        const bridge = await startUnruly({ childSecretFiles: { TOKEN: file } });
        try {
            const { status } = await read(bridge, "/readyz");
            assert.equal(status, 503);
            await until(() => bridge.log.some(({ event }) => event === "server ended"));
            const ended = bridge.log.find(({ event }) => event === "server ended");
            assert.match(String(ended?.reason), /could not be started: .*ENOENT.*token'/);
            writeFileSync(file, "s3cret\n");
            await until(() => bridge.child.description !== undefined);
            const environment = JSON.parse(textOf(await post(bridge.url, callTool("environment"))));
            assert.equal(environment.TOKEN, "s3cret");
        } finally {
            await bridge.close();
        }
    });

    it("fails the one session that would need a process, and the bridge lives on", async () => {
        writeFileSync(file, "s3cret");
        const bridge = await startUnruly({ childSecretFiles: { TOKEN: file }, warmChildren: 0 });
        try {
            await until(() => bridge.child.description !== undefined);
            rmSync(file);
            const params = {
                protocolVersion: "2025-11-25",
                capabilities: { roots: {} },
                clientInfo: { name: "t", version: "1" },
            };
            const message = { jsonrpc: "2.0", id: 1, method: "initialize", params };
            const { status, headers, last } = await post(bridge.url, message);
            assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
            assert.match(last.error.message, /could not be started/);
            assert.doesNotMatch(last.error.message, /token/);
            assert.equal(bridge.counts().children.leased, 0);
            assert.equal(textOf(await post(bridge.url, callTool("echo", { value: "x" }))), "x");
        } finally {
            await bridge.close();
        }
    });
});

describe("a command that cannot be given to the system", () => {
    it("is told as the reason, and ends nothing", async () => {
        const command = [process.execPath, "x".repeat(10_000_000)];
        const bridge = await startFixture({ command, graceSeconds: 0 });
        try {
            await until(() => pauses(bridge).length >= 2);
            const ended = bridge.log.find(({ event }) => event === "server ended");
            assert.match(String(ended?.reason), /could not be started: .*E2BIG/);
        } finally {
            await bridge.close();
        }
    });
});
