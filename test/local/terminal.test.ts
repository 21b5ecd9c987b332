import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { runShown } from "../support/runShown.ts";
import { evaluateOnTerminal } from "./screen.ts";

const program = join(import.meta.dirname, "shownUpdate.ts");

/** What the engine needs of the caller's environment: it is built once, and kept in the home directory. */
const kept = ["XDG_CACHE_HOME", "PULUMI_HOME"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
});
const variables = { HOME: homedir(), ...(Object.fromEntries(kept) as Record<string, string>) };

/** The engine with its real display: a stack with one resource, in a directory of its own. */
describe("an update", function () {
    this.timeout(90_000);
    let root: string;

    before(() => {
        root = mkdtempSync(join(tmpdir(), "slipway-shown-"));
    });

    after(() => rmSync(root, { recursive: true }));

    function directoryOf(name: string): string {
        const directory = join(root, name);
        mkdirSync(directory);
        return directory;
    }

    /** Operations that the state has as begun, and the resources that it has. */
    function readState(name: string): { pending: number; types: string[] } {
        const file = join(root, name, ".pulumi/stacks/shown/dev.json");
        const { checkpoint } = JSON.parse(readFileSync(file, "utf8"));
        const { resources, pending_operations: pending = [] } = checkpoint.latest;
        return {
            pending: pending.length,
            types: resources.map(({ type }: { type: string }) => type),
        };
    }

    it("is drawn by the engine on a terminal, whose Ctrl-C cancels it", async () => {
        const screens = await evaluateOnTerminal(
            `
            const { updateShown } = await import(${JSON.stringify(program)});
            const { spawnSync } = await import("node:child_process");
            await updateShown(${JSON.stringify(directoryOf("typed"))}, async () => {
                await pause(1500);
                mark();
            });
            mark();
            console.log("exit code " + process.exitCode);
            spawnSync("stty", ["-a"], { stdio: "inherit" });
            `,
            { ...variables, SLOW: "1" },
            { columns: 100, keys: ["\u0003"] },
        );
        const [atWork, ended, settings] = screens.map((lines) => lines.join("\n"));
        assert.match(atWork!, /^ +Type +Name +Status/m);
        assert.match(atWork!, /^ \+ +pulumi:pulumi:Stack +shown-dev +creating \(\ds\)/m);
        assert.match(atWork!, /^ \+ +└─ random:index:RandomBytes +one +created/m);
        assert.doesNotMatch(atWork!, /^\+ RandomBytes/m);
        assert.match(ended!, /pulumi up: interrupted; the state knows what was done/);
        assert.match(settings!, /^exit code 130$/m);
        assert.match(settings!, / icanon .* echo /);
        const { pending, types } = readState("typed");
        assert.equal(pending, 0);
        assert.ok(types.includes("random:index/randomBytes:RandomBytes"), types.join());
    });

    it("is one line for each resource where there is no terminal", async () => {
        const module = `
            const { updateShown } = await import(${JSON.stringify(program)});
            await updateShown(${JSON.stringify(directoryOf("piped"))});
        `;
        const args = ["--input-type=module", "--eval", module];
        const { code, output } = await runShown(process.execPath, args, {
            env: { PATH: process.env["PATH"], TERM: "xterm-256color", ...variables },
        });
        assert.equal(code, 0, output);
        assert.match(output, /^\+ RandomBytes one {2}created {2}\d\.\d s\n\n2 created in \d+ s\n$/);
    });
});
