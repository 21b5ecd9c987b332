import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { peerDirectory } from "./files.ts";

/** A package as its registry names it. */
export interface Package {
    kind: "npm" | "pypi" | "crate";
    name: string;
    version: string;
    /** Features of a crate, instead of its default ones. */
    features?: string;
}

/** Installs a package outside the repository, once; gives its directory. */
export async function installPackage(wanted: Package): Promise<string> {
    const { kind, name, version } = wanted;
    const directory = join(peerDirectory, `${kind}-${name}-${version}`);
    const complete = join(directory, "complete");
    if (existsSync(complete)) return directory;
    console.log(`installing ${name} ${version} (${kind})`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const [program = "", ...args] of installCommands(wanted, directory)) {
        await run(program, args, directory);
    }
    rmSync(join(directory, "build"), { recursive: true, force: true });
    writeFileSync(complete, "");
    return directory;
}

function installCommands(
    { kind, name, version, features = "" }: Package,
    directory: string,
): string[][] {
    switch (kind) {
        case "npm":
            return [
                ["npm", "install", "--prefix", directory, "--ignore-scripts", `${name}@${version}`],
            ];
        case "pypi":
            return [
                ["python3", "-m", "venv", directory],
                [join(directory, "bin/pip"), "install", "--quiet", `${name}==${version}`],
            ];
        case "crate":
            return [
                [
                    ...["nice", "cargo", "install", name, "--version", version, "--locked"],
                    ...["--no-default-features", "--features", features],
                    ...["--root", directory, "--target-dir", join(directory, "build")],
                ],
            ];
    }
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
    const [code] = (await once(child, "close")) as [number | null];
    // What it wrote stays on the screen: it names machines and paths that have no place in a committed result.
    if (code !== 0) throw new Error(`'${basename(program)} ${args[0] ?? ""}' ended with ${code}`);
}
