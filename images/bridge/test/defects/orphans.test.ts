import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findInit } from "../support/findInit.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { listBelow } from "../support/processTree.ts";
import { bundlePrograms } from "../support/startProgram.ts";
import { unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** Processes that begin with a process 1 of their own, as in a container; needs a machine on which that is permitted. */
const container = [
    ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
    ...["--pid", "--fork", "--mount-proc", "--kill-child"],
];

/** What the image starts, with this machine's programs in place of the image's. */
function buildEntrypoint(): string[] {
    const file = new URL("../../Dockerfile", import.meta.url);
    const line = /^ENTRYPOINT (.+)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "[]";
    const programs: Record<string, () => string> = {
        "/slipway/bin/init": findInit,
        "/slipway/bin/node": () => process.execPath,
        "/slipway/bridge.cjs": () => join(bundlePrograms(), "bridge.cjs"),
    };
    return (JSON.parse(line) as string[]).map((word) => programs[word]?.() ?? word);
}

describe("what a server leaves behind in a container", function () {
    this.timeout(120_000);
    let program: ChildProcess;
    let ended: Promise<unknown>;
    let url: string;

    before(async () => {
        const command = [...buildEntrypoint(), "--port", "0", "--", ...unruly()];
        program = spawn("unshare", [...container, ...command], {
            stdio: ["ignore", "ignore", "pipe"],
        });
        ended = new Promise((resolve) => program.once("close", resolve));
        let log = "";
        program.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
        await until(() => log.includes('"server ready"') || program.exitCode !== null);
        assert.equal(program.exitCode, null, log);
        const port = /"event":"listening","port":(\d+)/.exec(log)?.[1];
        url = `http://127.0.0.1:${port}/mcp`;
    });

    after(async () => {
        program.kill("SIGKILL");
        await ended;
    });

    const below = () => listBelow(program.pid ?? 0);
    /** Orphans: those whose parent is process 1 now. */
    const orphans = () => {
        const [first] = below();
        return below().filter(({ parent, name }) => parent === first?.pid && name === "sleep");
    };
    /** Starts a process whose parent, below the server, ends at once. */
    const leave = () =>
        post(url, callTool("detach", { command: ["sh", "-c", "sleep 600 & exit"] }));

    const cases: Record<string, () => Promise<unknown>> = {
        "while the server runs on": () => Promise.resolve(),
        "after the server died": () => post(url, callTool("crash")),
    };
    for (const [when, meanwhile] of Object.entries(cases)) {
        it(`is buried as soon as it ends, ${when}`, async () => {
            for (let count = 0; count < 5; count++) {
                await leave();
            }
            await until(() => orphans().length === 5);
            await meanwhile();
            orphans().forEach(({ pid }) => process.kill(pid, "SIGKILL"));
            await until(
                () => !below().some(({ name, state }) => name === "sleep" || state === "Z"),
            );
            assert.match(textOf(await post(url, callTool("pid"))), /^\d+$/);
        });
    }
});
