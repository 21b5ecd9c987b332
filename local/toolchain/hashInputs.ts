import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A short name for everything that decides what a build gives: the files of a directory and `more` texts. */
export async function hashInputs(directory: string, more: string[]): Promise<string> {
    const inputs: string[][] = [];
    for (const file of (await readdir(directory)).sort()) {
        inputs.push([file, await readFile(join(directory, file), "utf8")]);
    }
    // As JSON, so that no text can continue in its neighbour.
    const hash = createHash("sha256").update(JSON.stringify([inputs, more]));
    return hash.digest("hex").slice(0, 16);
}
