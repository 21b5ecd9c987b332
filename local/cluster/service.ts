import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { lastLines } from "../steps.ts";
import { HopelessError, run, waitFor } from "./run.ts";
import { renderRunScript } from "./runScript.ts";
import { writeText } from "./textFile.ts";

/** A daemon of the node, restarted by the supervisor whenever it ends. */
export interface Service {
    /** Lower-case name, used for its directory, its log and in messages. */
    name: string;
    /** Program and arguments, run without a shell. Must not contain secrets: all processes can read them. */
    command: string[];
    /** Added to the supervisor's environment. @default {} */
    environment?: Record<string, string>;
    /** Files it reads at start only; it is restarted when one of them changed. @default [] */
    files?: string[];
    /** Time limit for `ready` after a start, in seconds. @default 60 */
    startSeconds?: number;
    /** Time between SIGTERM and SIGKILL, in seconds. @default 20 */
    stopSeconds?: number;
    /** Whether the daemon serves requests. */
    ready: () => Promise<boolean>;
}

/** Starts after which a daemon counts as failed. */
const hopelessStarts = 5;

const directory = join(paths.runtime, "services");

/** The newest part of a service's log, which s6-log rotates. */
export function serviceLog(name: string): string {
    return join(paths.logs, name, "current");
}

/** Start time of a service's current process. */
export async function readServiceStart(name: string): Promise<Date> {
    return (await stat(join(directory, name, "process"))).mtime;
}

/** Starts a service, or restarts it when its definition changed, and waits until it is ready. */
export async function ensureService(service: Service): Promise<void> {
    const { name, startSeconds = 60, stopSeconds = 20 } = service;
    const home = join(directory, name);
    const log = join(paths.logs, name);
    await mkdir(log, { recursive: true });
    await writeText(
        join(home, "log/run"),
        renderRunScript(["s6-log", "n3", "s10000000", log]),
        0o755,
    );
    await writeText(join(home, "timeout-kill"), String(stopSeconds * 1000));
    const script = renderRunScript(service.command, service.environment, await hashFiles(service));
    const written = await writeText(join(home, "run"), script, 0o755);
    await run("s6-svscanctl", ["-a", directory]);
    await waitFor(`supervisor of ${name}`, 10, async () => {
        await run("s6-svok", [home]);
        return true;
    });
    // Waits for the old process to end, as its answers would count as the new one's.
    const stopMs = String((stopSeconds + 10) * 1000);
    if (written === "replaced") await run("s6-svc", ["-wD", "-T", stopMs, "-d", home]);
    await run("s6-svc", ["-u", home]);
    try {
        const starts = new Set<string>();
        await waitFor(name, startSeconds, async () => {
            const started = await readFile(join(home, "process"), "utf8").catch(() => undefined);
            if (started !== undefined) starts.add(started);
            // A few failures are normal: ports or locks of the previous process may still be in use.
            if (starts.size > hopelessStarts) {
                throw new HopelessError(`${name} ended ${starts.size - 1} times at its start`);
            }
            return service.ready();
        });
    } catch (error) {
        const file = serviceLog(name);
        throw new Error(
            [(error as Error).message, `its log ${file}:`, ...lastLines(file)].join("\n"),
            {
                cause: error,
            },
        );
    }
}

async function hashFiles({ files = [] }: Service): Promise<string> {
    const hash = createHash("sha256");
    for (const file of files) hash.update(await readFile(file));
    return hash.digest("hex").slice(0, 16);
}
