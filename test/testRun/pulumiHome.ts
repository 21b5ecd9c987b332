import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Makes a home of the Pulumi engine in `directory`, with the plugins of the caller's: what the engine notes of every
 * project it meets stays out of the caller's own.
 */
export function makePulumiHome(directory: string): string {
    const home = join(directory, "pulumi");
    const plugins = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
    for (const path of [home, plugins]) mkdirSync(path, { recursive: true });
    symlinkSync(plugins, join(home, "plugins"));
    return home;
}
