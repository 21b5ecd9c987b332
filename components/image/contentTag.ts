import dockerignore from "@balena/dockerignore";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import type { ServerImageArgs } from "./args.ts";

/** The arguments of an image that decide its content besides the directory. */
type BuildChoice = Pick<ServerImageArgs, "buildArgs" | "target">;

/**
 * A tag that follows the build context: path, kind, executable bit and content of every file of `directory` that its
 * `.dockerignore` does not exclude. Times and owners are ignored, so two checkouts of one commit give the same tag. Build
 * arguments and target change it too.
 */
export function contentTag(
    directory: string,
    { buildArgs = {}, target }: BuildChoice = {},
): string {
    const hash = createHash("sha256");
    for (const [name, value] of Object.entries(buildArgs).sort()) {
        hash.update(`argument ${name}\0${value}\0`);
    }
    if (target !== undefined) {
        hash.update(`target ${target}\0`);
    }
    for (const path of listBuildContext(directory)) {
        const file = join(directory, path);
        const status = lstatSync(file);
        const kind = status.isSymbolicLink() ? "link" : status.mode & 0o100 ? "program" : "file";
        const content = status.isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
        hash.update(`${kind} ${path}\0${content.length}\0`).update(content);
    }
    return `content-${hash.digest("hex").slice(0, 16)}`;
}

/** Files of the build context, sorted. */
function listBuildContext(directory: string): string[] {
    const ignored = dockerignore.default();
    const rules = join(directory, ".dockerignore");
    if (existsSync(rules)) {
        ignored.add(readFileSync(rules, "utf8"));
    }
    return readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "/").length))
        .filter((path) => path === "Dockerfile" || !ignored.ignores(path))
        .sort();
}
