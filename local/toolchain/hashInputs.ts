import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** A short name for everything that decides what a build gives: the files below a directory and `more` texts. */
export async function hashInputs(directory: string, more: string[]): Promise<string> {
    const inputs: string[][] = [];
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
        inputs.push([relative(directory, file), await readFile(file, "utf8")]);
    }
    // As JSON, so that no text can continue in its neighbour.
    const hash = createHash("sha256").update(JSON.stringify([inputs, more]));
    return hash.digest("hex").slice(0, 16);
}
