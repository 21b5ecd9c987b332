import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { succeeds } from "../../local/cluster/run.ts";

/** Runs a shell that starts another program, and prints when each step of the run is over. */
const program = `
    const { Programs } = await import(${JSON.stringify(join(import.meta.dirname, "programs.ts"))});
    const programs = new Programs();
    programs.holding = true;
    const code = await programs.run("sh", ["-c", "sleep 61.5 & echo ready $!; wait"]);
    process.stdout.write(["ended", code !== 0, await programs.run("true", [])].join(" ") + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.exitCode = programs.interrupted;
`;

describe("Programs", () => {
    for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
        it(`ends the whole process tree of a program on ${signal}, starts no other, and goes on`, async () => {
            const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
            let printed = "";
            child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
            while (!printed.includes("ready")) await once(child.stdout, "data");
            const [, sleeper] = /ready (\d+)/.exec(printed)!;
            assert.equal(await succeeds("kill", ["-0", sleeper!]), true);
            child.kill(signal);
            assert.deepEqual(await once(child, "exit"), [code, null]);
            assert.match(printed, new RegExp(`^ended true ${code}$`, "m"));
            assert.equal(await succeeds("kill", ["-0", sleeper!]), false);
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
