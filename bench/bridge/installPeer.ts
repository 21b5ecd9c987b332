import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerDirectory } from "./files.ts";

/** A bridge of others, as its registry names it. */
export interface Peer {
    name: string;
    kind: "npm" | "pypi" | "crate";
    package: string;
    version: string;
    /** Features of a crate, instead of its default ones. */
    features?: string;
}

/** Installs a peer outside the repository, once; gives its directory. */
export async function installPeer(peer: Peer): Promise<string> {
    const { kind, version } = peer;
    const directory = join(peerDirectory, `${kind}-${peer.package}-${version}`);
    const complete = join(directory, "complete");
    if (existsSync(complete)) return directory;
    console.log(`${peer.name}: installing ${peer.package} ${version} (${kind})`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const [program = "", ...args] of installCommands(peer, directory)) {
        await run(program, args, directory);
    }
    rmSync(join(directory, "build"), { recursive: true, force: true });
    writeFileSync(complete, "");
    return directory;
}

function installCommands(
    { kind, package: name, version, features = "" }: Peer,
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
    const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) {
        throw new Error(`'${program}' ended with ${code}: ${output.trim().slice(-300)}`);
    }
}
