import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Creates a directory for the tests of a file, and removes it after them. */
export function makeSourceDirectory(
    files: Record<string, string> = { Dockerfile: "FROM debian:trixie-slim\n" },
): string {
    const directory = mkdtempSync(join(tmpdir(), "slipway-source-"));
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), content);
    }
    after(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
}
