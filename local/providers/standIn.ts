import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { failureLine } from "./protocol/provider.ts";

/** Packages that have a stand-in. */
export const packages = ["kubernetes", "docker", "keycloak", "random", "tls"] as const;

/** Name of a package that has a stand-in. */
export type PackageName = (typeof packages)[number];

/** A running stand-in. */
export interface StandIn {
    /** Port on the loopback interface. */
    port: number;
    /** Notifies the stand-in that a resource of the running update failed. */
    noteFailure(): void;
    close(): Promise<void>;
}

/** Time limit for a stand-in to load and print its port, in milliseconds; it takes seconds on a busy machine. */
const startWithinMs = 60_000;

/** Starts the stand-in of a package as a child process and reads its port. */
export async function startStandIn(
    name: PackageName,
    environment: Record<string, string>,
): Promise<StandIn> {
    const main = fileURLToPath(new URL(`${name}/main.ts`, import.meta.url));
    const child = spawn(process.execPath, [main], {
        env: { ...process.env, ...environment },
        // The stand-in exits when its stdin ends, which also happens when this process is killed.
        stdio: ["pipe", "pipe", "inherit"],
        // The engine tells it when an update is cancelled; Ctrl-C in a terminal must not end it before.
        detached: true,
    });
    const ended = once(child, "exit");
    const close = async (): Promise<void> => {
        child.ref();
        child.kill("SIGTERM");
        await ended;
    };
    const lines = createInterface(child.stdout);
    const timeout = AbortSignal.timeout(startWithinMs);
    try {
        const first = await Promise.race([
            once(lines, "line", { signal: timeout }).then(([line]) => String(line)),
            ended.then(() => undefined),
        ]);
        const port = Number(first);
        if (!Number.isInteger(port) || port <= 0)
            throw new Error(`stand-in '${name}' ended before it named its port (${main})`);
        // Neither the child nor its pipes may keep this process alive.
        child.unref();
        for (const pipe of [child.stdin, child.stdout])
            (pipe as unknown as { unref(): void }).unref();
        const noteFailure = () => void child.stdin.write(`${failureLine}\n`);
        return { port, noteFailure, close };
    } catch (error) {
        await close();
        if (timeout.aborted)
            throw new Error(
                `stand-in '${name}' did not name its port in ${startWithinMs / 1000} s`,
            );
        throw error;
    }
}
