import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { PackageArgs } from "../args.ts";
import {
    makePypiStart,
    writeNpmDockerfile,
    writePypiDockerfile,
    writeStart,
} from "./dockerfiles.ts";
import { type NamedPackage, readPackage } from "./packageSource.ts";
import { runProgram } from "./runProgram.ts";
import { findUv } from "./uv.ts";

/** How packages of one registry are locked. */
interface Registry {
    /** File with what was asked for, and its text: a lock that was made from it is kept. */
    request: (source: PackageArgs) => { file: string; text: string };
    /** File with every version and digest. */
    lockFile: string;
    /** Makes the lock in a directory that has the request. */
    lock: (directory: string) => Promise<void>;
    /** The remaining files of the context, by name. */
    files: (named: NamedPackage, lock: string) => Record<string, string>;
}

/** Packages of registries: exact versions and digests in the lock, and no address, which the builder chooses. */
const npm: Registry = {
    request: (source) => {
        const { name, version } = readPackage(source);
        const further = (source.with ?? []).map((one) => {
            const at = one.lastIndexOf("@");
            return [one.slice(0, at), one.slice(at + 1)];
        });
        const dependencies = { [name]: version, ...Object.fromEntries(further) } as object;
        const text = JSON.stringify({ private: true, dependencies }, undefined, 2);
        return { file: "package.json", text: `${text}\n` };
    },
    lockFile: "package-lock.json",
    lock: async (directory) => {
        await writeFile(join(directory, ".npmrc"), npmSettings);
        const args = ["install", "--package-lock-only", "--ignore-scripts", "--loglevel=error"];
        await runProgram("npm", args, directory);
    },
    files: (named, lock) => ({
        Dockerfile: writeNpmDockerfile(named),
        ".npmrc": npmSettings,
        start: writeStart(named.name, listCommands(named.name, lock)),
    }),
};

const npmSettings =
    "omit-lockfile-registry-resolved=true\nfund=false\naudit=false\nupdate-notifier=false\n";

const pypi: Registry = {
    request: (source) => {
        const { name, extras, version } = readPackage(source);
        const lines = [`${name}${extras}==${version}`, ...(source.with ?? [])];
        return { file: "requirements.in", text: `${lines.join("\n")}\n` };
    },
    lockFile: "requirements.txt",
    lock: async (directory) => {
        const target = ["--python-version=3.13", "--python-platform=linux"];
        const form = [
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--no-config",
            "--quiet",
        ];
        const args = [...target, ...form, "--output-file=requirements.txt", "requirements.in"];
        await runProgram(await findUv(), ["pip", "compile", ...args], directory);
    },
    files: (named) => ({
        Dockerfile: writePypiDockerfile(named),
        "make_start.py": makePypiStart,
    }),
};

/**
 * Makes `directory` the build context of a package's image and returns it. The lock that it has is kept as long as the
 * package and its requirements are the same: every rebuild installs the same files, checked by their digests.
 *
 * @throws when the registry does not have the package, or its requirements contradict each other.
 */
export async function preparePackage(source: PackageArgs, directory: string): Promise<string> {
    const named = readPackage(source);
    const registry = { npm, pypi }[named.registry];
    const { file, text } = registry.request(source);
    const isLocked =
        existsSync(join(directory, registry.lockFile)) &&
        (await readText(join(directory, file))) === text;
    if (!isLocked) await lockPackage(registry, source, directory);
    const lock = await readFile(join(directory, registry.lockFile), "utf8");
    for (const [name, content] of Object.entries(registry.files(named, lock))) {
        await writeChanged(join(directory, name), content);
    }
    if (named.registry === "npm") await chmod(join(directory, "start"), 0o755);
    return directory;
}

/** Locks in a directory of its own, so that one that is interrupted leaves no half of a lock behind. */
async function lockPackage(
    registry: Registry,
    source: PackageArgs,
    directory: string,
): Promise<void> {
    const { file, text } = registry.request(source);
    const scratch = await mkdtemp(join(tmpdir(), "slipway-lock-"));
    try {
        await writeFile(join(scratch, file), text);
        await registry.lock(scratch);
        await mkdir(directory, { recursive: true });
        for (const name of [registry.lockFile, file]) {
            await writeChanged(join(directory, name), await readFile(join(scratch, name), "utf8"));
        }
    } catch (error) {
        throw new Error(
            `package '${source.npm ?? source.pypi}': could not be locked: ${(error as Error).message}`,
            { cause: error },
        );
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

async function writeChanged(file: string, content: string): Promise<void> {
    if ((await readText(file)) === content) return;
    const unfinished = join(dirname(file), `.${process.pid}.unfinished`);
    await writeFile(unfinished, content);
    await rename(unfinished, file);
}

async function readText(file: string): Promise<string | undefined> {
    return existsSync(file) ? readFile(file, "utf8") : undefined;
}

/** The commands of a package, from the lock: `bin` is an object there, whatever the package has. */
function listCommands(name: string, lock: string): string[] {
    const { packages } = JSON.parse(lock) as {
        packages: Record<string, { bin?: Record<string, string> }>;
    };
    return Object.keys(packages[`node_modules/${name}`]?.bin ?? {});
}
