import dockerignore from "@balena/dockerignore";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
    existsSync,
    lstatSync,
    readFileSync,
    readdirSync,
    realpathSync,
    type Stats,
} from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";

/** Context directory and Dockerfile of a build; paths are absolute or relative to the program's directory. */
export interface BuildContext {
    directory: string;
    dockerfile: string;
}

/** Path of the Dockerfile inside the context. Throws when it does not exist. */
export function findDockerfile({ directory, dockerfile }: BuildContext): string {
    if (!existsSync(dockerfile)) {
        const inContext = join(directory, dockerfile);
        const repair =
            !isAbsolute(dockerfile) && existsSync(inContext)
                ? `; did you mean '${inContext}'?`
                : "";
        throw new Error(
            `dockerfile: must be a file that exists, relative to the program, got '${dockerfile}'${repair}`,
        );
    }
    const inside = relative(resolve(directory), resolve(dockerfile));
    if (inside.startsWith("..")) {
        throw new Error(`dockerfile: must lie in the context '${directory}', got '${dockerfile}'`);
    }
    return inside;
}

/** Packs the context as a tar archive for the engine. */
export function packContext(context: BuildContext): NodeJS.ReadableStream {
    const { directory } = context;
    // Docker always sends these two, even if they are ignored.
    const needed = [findDockerfile(context), ".dockerignore"];
    const isIgnored = readIgnored(join(directory, ".dockerignore"));
    const files = walk(directory).filter((path) => needed.includes(path) || !isIgnored(path));
    const args = ["-C", directory, "--null", "--no-recursion", "-T", "-", "-cf", "-"];
    const tar = spawn("tar", args, { stdio: ["pipe", "pipe", "inherit"] });
    tar.on("error", (error) => tar.stdout.destroy(error));
    tar.on("exit", (code) => {
        if (code !== 0) tar.stdout.destroy(new Error(`tar ended with code ${code}`));
    });
    tar.stdin.end(files.join("\0"));
    return tar.stdout;
}

/**
 * The digest by which the official plugin notices that a context has changed: path, mode and content of every file that
 * is not ignored, after the Dockerfile, which always counts as 'Dockerfile' without mode.
 *
 * @see https://github.com/pulumi/pulumi-docker/blob/master/provider/provider.go
 */
export function hashContext(context: BuildContext): string {
    findDockerfile(context);
    const { directory, dockerfile } = context;
    const hash = createHash("sha256");
    const add = (name: string, mode: string, content: Buffer | string): void => {
        const digest = createHash("sha256").update(content).digest();
        hash.update(name).update(mode).update(digest).update("\0");
    };
    add("Dockerfile", "-".repeat(10), readFileSync(dockerfile));
    const name = basename(dockerfile);
    const ignoreFile = name === "Dockerfile" ? ".dockerignore" : `${name}.dockerignore`;
    const isIgnored = readIgnored(join(directory, ignoreFile));
    for (const path of walk(directory).filter((path) => !isIgnored(path))) {
        const file = join(directory, path);
        const status = lstatSync(file);
        add(
            path,
            formatMode(status),
            status.isSymbolicLink() ? readTarget(file) : readFileSync(file),
        );
    }
    return hash.digest("hex");
}

/** Target of a symbolic link, relative like the file, so that the digest does not depend on the checkout's path. */
function readTarget(file: string): string {
    const target = realpathSync(file);
    return isAbsolute(file) ? target : relative(realpathSync("."), target);
}

/** A mode as Go prints it: `-rw-r--r--`, with `L` for links and letters in front for the special bits. */
function formatMode(status: Stats): string {
    const special = [
        [status.isSymbolicLink(), "L"],
        [(status.mode & 0o4000) !== 0, "u"],
        [(status.mode & 0o2000) !== 0, "g"],
        [(status.mode & 0o1000) !== 0, "t"],
    ] as const;
    const prefix = special.flatMap(([applies, letter]) => (applies ? [letter] : [])).join("");
    const bits = [..."rwxrwxrwx"].map((letter, index) =>
        (status.mode >> (8 - index)) & 1 ? letter : "-",
    );
    return (prefix === "" ? "-" : prefix) + bits.join("");
}

/** Files and links below a directory, sorted by name, with the entries of each subdirectory in its place. */
function walk(root: string, below = ""): string[] {
    if (!existsSync(root)) {
        throw new Error(`context: must be a directory that exists, got '${root}'`);
    }
    return readdirSync(join(root, below), { withFileTypes: true })
        .sort((left, right) => (left.name < right.name ? -1 : 1))
        .flatMap((entry) => {
            const path = below === "" ? entry.name : `${below}/${entry.name}`;
            return entry.isDirectory() ? walk(root, path) : [path];
        });
}

function readIgnored(file: string): (path: string) => boolean {
    const ignored = dockerignore.default({ ignorecase: false });
    if (existsSync(file)) ignored.add(readFileSync(file, "utf8"));
    return (path) => ignored.ignores(path);
}
