/**
 * Runs a TypeScript file of this project on the project's own Node, after installing what is missing.
 *
 * Plain JavaScript without dependencies, because it runs on the Node a machine happens to have (20 or newer),
 * before anything is installed: `node local/bootstrap.mjs FILE [ARGUMENT…]`.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".slipway-lock");
const installing = join(root, ".installing");

/** Whether node_modules is what the lock file says. */
function installed(lock) {
    return existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
}

/** Installs the locked dependencies; a second run beside this one waits for it instead of deleting its files. */
function install(lock) {
    for (let waited = 0; ; waited += 1) {
        try {
            mkdirSync(installing);
            writeFileSync(join(installing, "pid"), String(process.pid));
            break;
        } catch (error) {
            if (error.code !== "EEXIST") throw error;
        }
        if (!ownerLives()) {
            rmSync(installing, { recursive: true, force: true });
            continue;
        }
        if (waited === 0) console.error("dependencies: another run installs them, waiting");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    }
    try {
        if (installed(lock)) return;
        console.error("dependencies: installing what package-lock.json names (npm ci)");
        const started = Date.now();
        const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
            cwd: root,
            stdio: ["ignore", "inherit", "inherit"],
        });
        if (status !== 0) {
            console.error(
                "dependencies: npm ci failed, see above; when the registry answers again, rerun the same command",
            );
            process.exit(1);
        }
        writeFileSync(stamp, lock);
        console.error(`dependencies: installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
    } finally {
        rmSync(installing, { recursive: true, force: true });
    }
}

function ownerLives() {
    try {
        process.kill(Number(readFileSync(join(installing, "pid"), "utf8")), 0);
        return true;
    } catch (error) {
        // A directory without its file was made a moment ago, or by a run that died in between: look again.
        return error.code === "EPERM";
    }
}

const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
if (!installed(lock)) install(lock);

const bin = join(modules, ".bin");
// The shell of a root user may lack the directories of the programs that only root runs.
const child = spawn(join(bin, "node"), process.argv.slice(2), {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: [bin, process.env.PATH, "/usr/sbin", "/sbin"].join(delimiter) },
});
// The terminal signals the whole group; only what was sent to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
        if (signal !== "SIGINT") child.kill(signal);
    });
}
child.on("error", (error) => {
    console.error(`node: ${error.message}; remove node_modules and rerun`);
    process.exit(1);
});
child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
});
