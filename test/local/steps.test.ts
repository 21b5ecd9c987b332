import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";

describe("step", () => {
    it("says that it is done and how long it took, and gives the body's result", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            console.log(await step("make a thing", async () => "thing"));
        `);
        assert.match(
            stdout,
            /^✔ make a thing {2}0\.\d s {2}\(log: .*make-a-thing\.log\)\nthing\n$/,
        );
    });

    it("gives what a program printed, and keeps it in the log", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            const { readFileSync } = await import("node:fs");
            let file;
            const text = await step("run", (log) => {
                file = log.file;
                return log.run("sh", ["-c", "cat; echo aside >&2"], { input: "from stdin" });
            });
            console.log(JSON.stringify({ text, log: readFileSync(file, "utf8") }));
        `);
        const { text, log } = JSON.parse(stdout.split("\n")[1] ?? "");
        assert.equal(text, "from stdin");
        assert.match(log, /\$ sh -c/);
        assert.match(log, /from stdin/);
        assert.match(log, /aside/);
    });

    it("fails with what failed, the end of its log and how to go on", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            const failing = step("break", (log) =>
                log.run("sh", ["-c", "seq 1 20; echo the reason >&2; exit 3"]));
            await failing.catch((error) => console.log(error.message));
        `);
        const lines = stdout.trimEnd().split("\n");
        assert.match(lines[0] ?? "", /^✖ break failed after 0\.\d s: sh ended with code 3$/);
        assert.match(lines[1] ?? "", /^last lines of .*\/logs\/break\.log:$/);
        assert.deepEqual(
            lines.slice(2, -1).map((line) => line.trim()),
            [...Array.from({ length: 14 }, (_, index) => String(index + 7)), "the reason"],
        );
        assert.match(lines.at(-1) ?? "", /run the same command again/);
    });

    it("tells of the innermost step that failed, once", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            const inner = () => step("inner", async () => { throw new Error("broken") });
            await step("outer", inner).catch((error) => console.log(error.message));
        `);
        assert.match(stdout, /^✖ inner failed/);
        assert.equal(stdout.match(/failed after/g)?.length, 1);
    });

    it("fails when the program does not exist", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            const failing = step("start", (log) => log.run("no-such-program", []));
            await failing.catch((error) => console.log(error.message));
        `);
        assert.match(stdout, /no-such-program ENOENT/);
    });
});
