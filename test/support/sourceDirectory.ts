import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory for the length of a test file, removed after it. */
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
