import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { describeUsage } from "../../local/arguments.ts";
import { projectRoot } from "../../local/stack.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Program of each script, and its arguments. */
const programs = Object.entries(scripts).map(([name, script]) => {
    const [file = "", ...args] = script.split("bootstrap.mjs ")[1]?.split(" ") ?? [];
    return { name, file, args, source: read(file) };
});

const sharesArguments = ({ source }: { source: string }) => source.includes("readArguments(");

describe("--help", function () {
    this.timeout(60_000);

    // Those that read their arguments alike answer alike: one of them is run.
    const run = programs.filter((one) => !sharesArguments(one) || one.name === "outputs");
    for (const { name, file, args } of run) {
        it(`tells the usage of 'npm run ${name}'`, async () => {
            const command = [file, ...args, "--help"];
            const { stdout } = await promisify(execFile)(process.execPath, command, {
                cwd: projectRoot,
            });
            assert.match(stdout, new RegExp(`npm (run )?${name}\\b`));
        });
    }

    it("is read alike by all other scripts", () => {
        const names = programs.filter(sharesArguments).map(({ name }) => name);
        for (const name of ["up", "down", "secret", "logs", "refresh", "outputs"]) {
            assert.ok(names.includes(name), name);
        }
    });

    it("explains every option", () => {
        const sources = [...programs.filter(sharesArguments).map(({ source }) => source)];
        const options = [...sources, read("local/target.ts")].flatMap((source) =>
            [...source.matchAll(/([\w-]+)"?: \{ type: "(?:string|boolean)"/g)].map(
                ([, name]) => name!,
            ),
        );
        assert.ok(options.length > 15, options.join());
        for (const name of options) {
            const usage = describeUsage("npm run it", { [name]: { type: "boolean" } });
            assert.match(usage, new RegExp(`^  --${name}  \\S`, "m"));
        }
    });
});
