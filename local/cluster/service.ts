import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { lastLines } from "../steps.ts";
import { run, waitFor } from "./run.ts";

/** A daemon of the node, started again by the supervisor whenever it ends. */
export interface Service {
    /** Lower-case name: of its directory, its log and in messages. */
    name: string;
    /** Program and arguments; no shell reads them. Never a secret: they are visible to every process. */
    command: string[];
    /** @default {} beside the supervisor's own environment */
    environment?: Record<string, string>;
    /** Seconds it may take until `ready` holds. @default 60 */
    startSeconds?: number;
    /** Whether it answers. */
    ready: () => Promise<boolean>;
}

const directory = join(paths.runtime, "services");

/** The log of a service, kept small by s6-log: the newest part. */
export function serviceLog(name: string): string {
    return join(paths.logs, name, "current");
}

/** Starts a service, or restarts it when its definition changed, and waits until it is ready. */
export async function ensureService(service: Service): Promise<void> {
    const { name, startSeconds = 60 } = service;
    const home = join(directory, name);
    await mkdir(join(home, "log"), { recursive: true });
    await mkdir(join(paths.logs, name), { recursive: true });
    const logScript = `#!/bin/sh\nexec s6-log n3 s10000000 ${quote(join(paths.logs, name))}\n`;
    await writeScript(join(home, "log/run"), logScript);
    const changed = await writeScript(join(home, "run"), renderRunScript(service));
    await run("s6-svscanctl", ["-a", directory]);
    await waitFor(`supervisor of ${name}`, 10, async () => {
        await run("s6-svstat", [home]);
        return true;
    });
    if (changed === "replaced") await run("s6-svc", ["-r", home]);
    await run("s6-svc", ["-u", home]);
    try {
        await waitFor(name, startSeconds, service.ready);
    } catch (error) {
        const log = serviceLog(name);
        throw new Error([(error as Error).message, `its log ${log}:`, ...lastLines(log)].join("\n"), {
            cause: error,
        });
    }
}

function renderRunScript({ command, environment = {} }: Service): string {
    const exports = Object.entries(environment).map(
        ([name, value]) => `export ${name}=${quote(value)}`,
    );
    return ["#!/bin/sh", "exec 2>&1", ...exports, `exec ${command.map(quote).join(" ")}`, ""].join("\n");
}

function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes an executable file as a whole: the supervisor must never see half of one. */
async function writeScript(path: string, text: string): Promise<"same" | "new" | "replaced"> {
    const before = await readFile(path, "utf8").catch(() => undefined);
    if (before === text) return "same";
    await writeFile(`${path}.new`, text, { mode: 0o755 });
    await rename(`${path}.new`, path);
    return before === undefined ? "new" : "replaced";
}
