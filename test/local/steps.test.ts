import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";
import { evaluateOnTerminal } from "./screen.ts";

describe("step", () => {
    it("prints that it is done and how long it took, and returns the body's result", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            console.log(await step("make a thing", async () => "thing"));
        `);
        assert.match(
            stdout,
            /^✔ make a thing {2}0\.\d s {2}\(log: .*make-a-thing\.log\)\nthing\n$/,
        );
    });

    it("returns the output of a program, and logs it", async () => {
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

    it("fails with the cause, the end of its log and how to go on", async () => {
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
        assert.equal(
            lines.at(-1),
            "fix the cause and run the same command again; finished steps are not repeated",
        );
    });

    it("fails with the original failure, not with that of a terminated program", async () => {
        const { stdout } = await evaluate(`
            const { allOf, step } = await load("steps.ts");
            // The inner pair settles last: it waits for a program that is slow to end.
            const compile = step("compile", (log) => log.run("sleep", ["60"]));
            const slow = step("install", (log) =>
                log.run("sh", ["-c", "trap 'sleep 0.3; exit 1' TERM; while :; do sleep 0.1; done"]));
            const failing = new Promise((resolve) => setTimeout(resolve, 300)).then(() => {
                throw new Error("the cause");
            });
            await allOf(allOf(failing, slow), compile).catch((error) => console.log(error.message));
        `);
        assert.equal(stdout, "the cause\n");
    });

    it("writes the failure to the end of its log, and shows the log when there is no other output", async () => {
        const { stdout } = await evaluate(`
            const { step } = await load("steps.ts");
            const { readFileSync } = await import("node:fs");
            let file;
            const failing = step("wait", async (log) => {
                file = log.file;
                throw new Error("an answer did not come within 1 s");
            });
            await failing.catch((error) => console.log(error.message));
            console.log(readFileSync(file, "utf8"));
        `);
        const [first, , last, , ...log] = stdout.trimEnd().split("\n");
        assert.match(
            first ?? "",
            /^✖ wait failed after 0\.\d s: an answer did not come within 1 s$/,
        );
        assert.match(last ?? "", /^ {4}failed: an answer did not come within 1 s$/);
        assert.match(log[0] ?? "", /^failed: an answer did not come within 1 s$/);
        assert.match(log.join("\n"), /^ {4}at /m);
    });

    it("logs its waits and the messages meanwhile, which are printed too", async () => {
        const { stdout } = await evaluate(`
            const { step, sayInStep, waitingFor } = await load("steps.ts");
            const { readFileSync } = await import("node:fs");
            const file = await step("wait", (log) => waitingFor("pod 'a'", async () => {
                sayInStep("pod 'a': ContainerCreating");
                return log.file;
            }));
            console.log(readFileSync(file, "utf8"));
        `);
        assert.match(stdout, /^… wait: pod 'a': ContainerCreating\n✔ wait/);
        assert.match(stdout, /\nwaiting for pod 'a'\npod 'a': ContainerCreating\n/);
    });

    it("reports the innermost failed step, once", async () => {
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

describe("running steps on a terminal", () => {
    it("have one line each at the bottom of the screen, with their current wait", async () => {
        const [both, one, done] = await evaluateOnTerminal(`
            const { step, waitingFor } = await load("steps.ts");
            const { waitFor } = await load("cluster/run.ts");
            let up = false;
            const first = step("first", () => waitFor("an answer", 10, async () => up, 10));
            const second = step("second", () => waitingFor("pod 'x'", async (tell) => {
                tell("ImagePullBackOff, asked again in a minute");
                await pause(1300);
            }));
            await pause(1200);
            mark();
            await second;
            mark();
            up = true;
            await first;
        `);
        assert.match(both?.[0] ?? "", /^… first {2}[1-9]\.\d s {2}waiting for an answer$/);
        assert.match(
            both?.[1] ?? "",
            /^… second {2}[1-9]\.\d s {2}waiting for pod 'x': ImagePul.*…$/,
        );
        assert.match(one?.[0] ?? "", /^✔ second {2}[1-9]\.\d s/);
        assert.match(one?.at(-1) ?? "", /^… first /);
        assert.deepEqual(
            done?.filter((line) => line.startsWith("…") || line.startsWith("✔")).map(title),
            ["✔ second", "✔ first"],
        );
    });

    it("name the running program, and none that has ended", async () => {
        const [running, after] = await evaluateOnTerminal(`
            const { step } = await load("steps.ts");
            await step("build", async (log) => {
                const program = log.run("sh", ["-c", "sleep 1.2"]);
                await pause(1100);
                mark();
                await program;
                await pause(1000);
                mark();
            });
        `);
        assert.match(running?.join() ?? "", /^… build {2}[1-9]\.\d s {2}waiting for sh$/);
        assert.match(after?.join() ?? "", /^… build {2}[2-9]\.\d s$/);
    });

    it("leave other output alone, including partial lines and standard error", async () => {
        const [half, whole, end] = await evaluateOnTerminal(`
            const { step } = await load("steps.ts");
            await step("work", async () => {
                console.log("a plain line");
                process.stdout.write("half a ");
                await pause(1100);
                mark();
                console.error("line");
                console.log(Array.from({ length: 4 }, (_, index) => "row " + index).join("\\n"));
                await pause(1100);
                mark();
            });
            console.log("end");
        `);
        const rows = ["row 0", "row 1", "row 2", "row 3"];
        assert.deepEqual(half, ["a plain line", "half a"]);
        assert.deepEqual(whole?.slice(0, -1), ["a plain line", "half a line", ...rows]);
        assert.match(whole?.at(-1) ?? "", /^… work {2}[2-9]\.\d s$/);
        assert.deepEqual(end?.slice(0, 6), ["a plain line", "half a line", ...rows]);
        assert.equal(end?.at(-1), "end");
        assert.equal(end?.filter((line) => line.includes("work  ")).length, 1);
    });

    it("show no control characters of their waits", async () => {
        const [screen] = await evaluateOnTerminal(`
            const { step, waitingFor } = await load("steps.ts");
            console.log("above");
            await step("work", () => waitingFor("pod", async (tell) => {
                tell("\\u001b[2J\\u001b[Hbad\\r\\nnews");
                await pause(1100);
                mark();
            }));
        `);
        assert.equal(screen?.[0], "above");
        assert.match(screen?.[1] ?? "", /waiting for pod: bad news$/);
    });

    for (const variables of [{ CI: "true" }, { TERM: "dumb" }] as Record<string, string>[]) {
        it(`have no live line with ${JSON.stringify(variables)}`, async () => {
            const [screen] = await evaluateOnTerminal(
                `
                    const { step } = await load("steps.ts");
                    await step("work", async () => {
                        await pause(1100);
                        mark();
                    });
                `,
                variables,
            );
            assert.deepEqual(screen, []);
        });
    }
});

describe("a long step without a terminal", () => {
    it("prints its current wait after 10 s and then every 30 s", async () => {
        const { stdout } = await evaluate(`
            const { mock } = await import("node:test");
            mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
            const { step, waitingFor } = await load("steps.ts");
            const { setImmediate: turn } = await import("node:timers/promises");
            await step("work", (log) => waitingFor("pod", async (tell) => {
                mock.timers.tick(10_000);
                tell("ImagePullBackOff\\n");
                mock.timers.tick(20_000);
                await turn();
            }));
        `);
        assert.deepEqual(
            stdout
                .trimEnd()
                .split("\n")
                .map((line) => line.replace(/\(log: .*\)/, "(log)")),
            [
                "… work  (log)  waiting for pod",
                "… work  30.0 s  waiting for pod: ImagePullBackOff ",
                "✔ work  30.0 s  (log)",
            ],
        );
    });
});

/** The mark and the title of a step's line. */
function title(line: string): string {
    return line.split("  ")[0] ?? "";
}
