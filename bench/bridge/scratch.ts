import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let directory: string | undefined;

/** A directory of this run: logs, configurations, bundles. It goes with the run. */
export function scratch(): string {
    if (directory === undefined) {
        const made = mkdtempSync(join(tmpdir(), "slipway-bench-"));
        process.once("exit", () => rmSync(made, { recursive: true, force: true }));
        directory = made;
    }
    return directory;
}
