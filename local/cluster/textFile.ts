import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file atomically, and only when its text differs: daemons restart when a watched file is written, and must
 * never read a partial one.
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
