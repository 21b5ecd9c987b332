import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { recipeDirectory } from "./baseImages.ts";
import type { BaseImage } from "./baseImages.ts";
import { readMachineCertificates } from "./machineCertificates.ts";

/**
 * Returns one key per image, by name: a digest of all its inputs, so that equal keys mean equal images.
 *
 * `images` is in the order of {@link baseImages}, each after those it starts from.
 */
export async function readRecipeKeys(images: BaseImage[]): Promise<Map<string, string>> {
    const machine = [process.arch, await readMachineCertificates()];
    const keys = new Map<string, string>();
    for (const image of images) {
        const hash = createHash("sha256");
        // Only the root file system depends on the machine directly; the others depend on it.
        const origins = image.from.map((name) => keys.get(name) ?? name);
        for (const text of image.from.length === 0 ? machine : origins) addPart(hash, text);
        for (const [name, { integrity }] of Object.entries(image.files)) {
            addPart(hash, name);
            addPart(hash, integrity);
        }
        await addDirectory(hash, recipeDirectory(image));
        keys.set(image.name, hash.digest("hex").slice(0, 16));
    }
    return keys;
}

async function addDirectory(hash: Hash, directory: string): Promise<void> {
    const entries = await readdir(directory, { recursive: true });
    for (const name of entries.sort()) {
        const path = join(directory, name);
        const { mode } = await stat(path);
        const executable = (mode & 0o100) !== 0;
        addPart(hash, `${name} ${executable}`);
        if ((await stat(path)).isFile()) addPart(hash, await readFile(path));
    }
}

/** Adds one part with its length, so that different lists of parts never have the same hash input. */
function addPart(hash: Hash, part: string | Buffer): void {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
}
