import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Creates a home of the Pulumi engine in `directory` with the caller's plugins, so that the engine does not record test
 * projects in the caller's own home.
 */
export function makePulumiHome(directory: string): string {
    const home = join(directory, "pulumi");
    const plugins = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
    for (const path of [home, plugins]) mkdirSync(path, { recursive: true });
    symlinkSync(plugins, join(home, "plugins"));
    return home;
}
