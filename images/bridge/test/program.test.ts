import assert from "node:assert/strict";
import { bundlePrograms, startProgram, type RunningProgram } from "./support/startProgram.ts";
import { callTool, post, textOf } from "./support/post.ts";
import { isAlive } from "./support/isAlive.ts";
import { fixture } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

async function startBridge(environment: Record<string, string> = {}) {
    const args = ["--port", "0", "--", process.execPath, fixture];
    const program = startProgram("bridge", args, environment);
    await until(() =>
        ["listening", "server ready"].every((event) => find(program, event) !== undefined),
    );
    return {
        program,
        url: `http://127.0.0.1:${String(find(program, "listening")?.port)}/mcp`,
        server: Number(find(program, "server ready")?.pid),
    };
}

function find({ log }: RunningProgram, event: string): Record<string, unknown> | undefined {
    return log.find((entry) => entry.event === event);
}

describe("the bridge as a program", () => {
    before(() => void bundlePrograms());

    it("finishes the calls in flight at SIGTERM, serves those that still come, and takes its server along", async () => {
        const { program, url, server } = await startBridge();
        const calls = [300, 1500, 2500].map((ms) => post(url, callTool("sleep", { ms })));
        const progress = post(
            url,
            callTool("progress", { steps: 10, ms: 150 }, { progressToken: 1 }),
        );
        await until(() => post(url, { jsonrpc: "2.0", id: 0, method: "ping" }).then(() => true));
        process.kill(program.pid, "SIGTERM");
        await until(() => find(program, "draining") !== undefined);
        assert.equal((await fetch(new URL("/readyz", url))).status, 503);
        assert.equal(textOf(await post(url, callTool("echo", { value: "late" }))), "late");

        assert.deepEqual((await Promise.all(calls)).map(textOf), ["slept", "slept", "slept"]);
        assert.equal((await progress).messages.length, 11);
        assert.equal(await program.ended, 0);
        assert.equal(isAlive(server), false);
    });

    it("ends in spite of a call that outlasts the grace period, and tells its caller", async () => {
        const { program, url, server } = await startBridge({ SLIPWAY_GRACE_SECONDS: "1" });
        const call = post(url, callTool("sleep", { ms: 60_000 }));
        await until(async () => {
            const seen = JSON.parse(textOf(await post(url, callTool("cancelled"))));
            return seen.waiting.length === 1;
        });
        process.kill(program.pid, "SIGTERM");
        assert.equal((await call).last.error.code, -32603);
        assert.equal(await program.ended, 0);
        assert.equal(isAlive(server), false);
    });

    it("explains itself", async () => {
        const program = startProgram("bridge", ["--help"]);
        assert.equal(await program.ended, 0);
        assert.match(program.output(), /^usage: slipway-bridge \[options\] -- command/);
    });

    it("names everything that is wrong at once", async () => {
        const args = ["--path", "mcp", "--grace-seconds", "soon"];
        const program = startProgram("bridge", args, { PORT: "99999" });
        assert.equal(await program.ended, 2);
        assert.deepEqual(program.output().trim().split("\n").slice(1, -1), [
            "  - --port (PORT): must be a whole number from 0 to 65535, got '99999'",
            "  - --path (SLIPWAY_PATH): must be a path that begins with '/', got 'mcp'",
            "  - --grace-seconds (SLIPWAY_GRACE_SECONDS): must be a whole number from 0 to 86400, got 'soon'",
            "  - command: must follow '--', e.g. 'slipway-bridge -- mcp-server-fetch'",
        ]);
    });

    it("refuses a flag it does not have", async () => {
        const program = startProgram("bridge", ["--prot", "1", "--", "x"]);
        assert.equal(await program.ended, 2);
        assert.match(program.output(), /--prot/);
    });

    it("says so when its port is taken, and leaves no server behind", async () => {
        const { program, url } = await startBridge();
        const { port } = new URL(url);
        const second = startProgram("bridge", ["--port", port, "--", process.execPath, fixture]);
        assert.equal(await second.ended, 1);
        assert.match(String(find(second, "cannot listen")?.reason), /EADDRINUSE/);
        process.kill(program.pid, "SIGTERM");
        assert.equal(await program.ended, 0);
    });
});
