import dockerignore from "@balena/dockerignore";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/** What a build sees. */
export interface BuildContext {
    directory: string;
    /** Path of the Dockerfile, absolute or relative to the working directory or the context. */
    dockerfile: string;
}

/** The Dockerfile's path inside the context; refuses one that is not there. */
export function findDockerfile({ directory, dockerfile }: BuildContext): string {
    const candidates = [resolve(dockerfile), resolve(directory, dockerfile)];
    const found = candidates.find((path) => existsSync(path));
    if (found === undefined) {
        throw new Error(`dockerfile must be a file that exists, got '${dockerfile}'`);
    }
    const inside = relative(resolve(directory), found);
    if (inside.startsWith("..")) {
        throw new Error(`dockerfile must lie in the context '${directory}', got '${dockerfile}'`);
    }
    return inside;
}

/** Files and links of the context that `.dockerignore` leaves, sorted. */
export function listContext({ directory, dockerfile }: BuildContext): string[] {
    if (!existsSync(directory)) {
        throw new Error(`context must be a directory that exists, got '${directory}'`);
    }
    const ignored = dockerignore.default({ ignorecase: false });
    const ignoreFile = join(directory, ".dockerignore");
    if (existsSync(ignoreFile)) ignored.add(readFileSync(ignoreFile, "utf8"));
    // Docker always sends these two, whatever is ignored.
    const needed = new Set([findDockerfile({ directory, dockerfile }), ".dockerignore"]);
    return readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
        .map((path) => path.split(sep).join("/"))
        .filter((path) => needed.has(path) || !ignored.ignores(path))
        .sort();
}

/** The context as the tar archive that the engine takes. */
export function packContext(context: BuildContext): NodeJS.ReadableStream {
    const args = ["-C", context.directory, "--null", "--no-recursion", "-T", "-", "-cf", "-"];
    const tar = spawn("tar", args, { stdio: ["pipe", "pipe", "inherit"] });
    tar.on("error", (error) => tar.stdout.destroy(error));
    tar.on("exit", (code) => {
        if (code !== 0) tar.stdout.destroy(new Error(`tar ended with code ${code}`));
    });
    tar.stdin.end(listContext(context).join("\0"));
    return tar.stdout;
}

/** A digest of everything a build sees: names, contents and which files may be executed. */
export function hashContext(context: BuildContext): string {
    const hash = createHash("sha256").update(findDockerfile(context));
    for (const path of listContext(context)) {
        const full = join(context.directory, path);
        const link = readLink(full);
        hash.update(`\0${path}\0`);
        if (link !== undefined) hash.update(`-> ${link}`);
        else hash.update(statSync(full).mode & 0o100 ? "x" : "-").update(readFileSync(full));
    }
    return hash.digest("hex");
}

function readLink(path: string): string | undefined {
    try {
        return readlinkSync(path);
    } catch {
        return undefined;
    }
}
