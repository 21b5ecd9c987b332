import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { succeeds } from "../../local/cluster/run.ts";

/** Runs two shells at once that start another program, and prints when each step of the run is over. */
const program = `
    const { Programs } = await import(${JSON.stringify(join(import.meta.dirname, "programs.ts"))});
    const programs = new Programs();
    programs.holding = true;
    const shell = () => programs.run("sh", ["-c", "sleep 61.5 & echo ready $!; wait"]);
    const codes = await Promise.all([shell(), shell()]);
    const failed = codes.every((code) => code !== 0);
    process.stdout.write(["ended", failed, await programs.run("true", [])].join(" ") + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.exitCode = programs.interrupted;
`;

describe("Programs", () => {
    for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
        it(`ends the whole process trees of two programs on ${signal}, starts no other, and goes on`, async () => {
            const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
            let printed = "";
            child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
            const sleepers = () => [...printed.matchAll(/^ready (\d+)$/gm)].map(([, id]) => id!);
            while (sleepers().length < 2) await once(child.stdout, "data");
            for (const id of sleepers()) assert.equal(await succeeds("kill", ["-0", id]), true);
            child.kill(signal);
            assert.deepEqual(await once(child, "exit"), [code, null]);
            assert.match(printed, new RegExp(`^ended true ${code}$`, "m"));
            for (const id of sleepers()) assert.equal(await succeeds("kill", ["-0", id]), false);
        });
    }

    it("goes on when the terminal that showed its output is closed", async () => {
        const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
        await once(child.stdout, "data");
        child.stdout.destroy();
        child.stderr.destroy();
        child.kill("SIGHUP");
        assert.deepEqual(await once(child, "exit"), [129, null]);
    });
});
