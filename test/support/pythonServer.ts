import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { ensureDebianPackages, pipRequirements } from "../../local/cluster/debianPackages.ts";
import { paths } from "../../local/paths.ts";

const run = promisify(execFile);

/**
 * Installs an image's locked requirements outside Docker, once per lock file and Python. Returns the directory of its
 * programs.
 */
export async function installRequirements(imageDirectory: string): Promise<string> {
    const lock = join(imageDirectory, "requirements.txt");
    await ensureDebianPackages(pipRequirements);
    // The key includes the Python: installed programs contain its path, which may differ on another machine.
    const askPython = "import os, sys; print(os.path.realpath(sys.executable), sys.version)";
    const { stdout: python } = await run("python3", ["-c", askPython]);
    const hash = createHash("sha256")
        .update(await readFile(lock))
        .update(python)
        .digest("hex");
    const directory = join(paths.cache, "python", hash.slice(0, 16));
    const done = join(directory, "installed");
    if (!existsSync(done)) {
        await mkdir(join(paths.cache, "python"), { recursive: true });
        await rm(directory, { recursive: true, force: true });
        await run("python3", ["-m", "venv", directory]);
        const pip = join(directory, "bin/pip");
        await run(pip, ["install", "--quiet", "--require-hashes", "--no-deps", "-r", lock]);
        await writeFile(`${done}.new`, "");
        await rename(`${done}.new`, done);
    }
    return join(directory, "bin");
}

/** A server started by a test. */
export interface RunningServer {
    process: ChildProcess;
    port: number;
    /** Its standard error so far. */
    log: () => string;
}

/** Starts an HTTP server with `PORT` in its environment and waits until `path` answers 2xx. */
export async function startHttpServer(
    program: string,
    args: string[],
    path: string,
    env: Record<string, string> = {},
): Promise<RunningServer> {
    const port = await findFreePort();
    const child = spawn(program, args, {
        env: { ...process.env, PORT: String(port), ...env },
        stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
    for (let tries = 0; ; tries += 1) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
        if (response?.ok === true) return { process: child, port, log: () => log };
        if (tries > 100 || child.exitCode !== null) {
            child.kill("SIGKILL");
            throw new Error(`${program} did not answer at ${path}:\n${log}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

async function findFreePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}
