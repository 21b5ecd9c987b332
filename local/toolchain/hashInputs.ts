import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** Short hash of all inputs of a build: the files below a directory and the texts `more`. */
export async function hashInputs(directory: string, more: string[]): Promise<string> {
    const inputs: string[][] = [];
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
        inputs.push([relative(directory, file), await readFile(file, "utf8")]);
    }
    // JSON separates the texts unambiguously.
    const hash = createHash("sha256").update(JSON.stringify([inputs, more]));
    return hash.digest("hex").slice(0, 16);
}
