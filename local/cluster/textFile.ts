import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file as a whole, and only when its text differs: daemons restart when a file they watch is written, and must
 * never see half of one.
 */
export async function writeText(
    path: string,
    text: string,
    mode = 0o644,
): Promise<"same" | "new" | "replaced"> {
    const before = await readFile(path, "utf8").catch(() => undefined);
    if (before === text) return "same";
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text, { mode });
    await rename(`${path}.new`, path);
    return before === undefined ? "new" : "replaced";
}
