import { spawn } from "node:child_process";
import type { StdioOptions } from "node:child_process";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";

/** Time between SIGTERM and SIGKILL. */
const graceMs = 10_000;

/**
 * Runs programs, each in its own process group, so that a signal to this process ends the whole process tree of every
 * program first, and what they created can be removed after that.
 */
export class Programs {
    /** Whether this process must clean up before it ends. */
    holding = false;
    readonly #groups = new Set<number>();
    #signal: NodeJS.Signals | undefined;
    #ended: Promise<unknown> = Promise.resolve();

    constructor() {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
            process.on(signal, () => this.#interrupt(signal));
        }
        // The reader of the output may be gone, such as a closed terminal; the cleanup must run all the same.
        for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    }

    /** Exit code for the signal that interrupted this process; undefined when there was none. */
    get interrupted(): number | undefined {
        return this.#signal === undefined ? undefined : 128 + constants.signals[this.#signal];
    }

    /** Runs a program. Its output is this process's, or is written to an open file. Returns its exit code. */
    async run(
        command: string,
        args: string[],
        environment: Record<string, string> = {},
        output: number | "inherit" = "inherit",
    ): Promise<number> {
        if (this.interrupted !== undefined) return this.interrupted;
        const stdio: StdioOptions = ["ignore", output, output];
        const child = spawn(command, args, {
            stdio,
            env: { ...process.env, ...environment },
            detached: true,
        });
        const group = child.pid;
        if (group !== undefined) this.#groups.add(group);
        try {
            return await new Promise((resolve, reject) => {
                child.on("error", reject);
                child.on("exit", (code) => resolve(code ?? 1));
            });
        } finally {
            await this.#ended;
            if (group !== undefined) this.#groups.delete(group);
        }
    }

    #interrupt(signal: NodeJS.Signals): void {
        const again = this.#signal !== undefined;
        this.#signal ??= signal;
        if (again && this.holding) {
            console.error("interrupted again: the next 'npm test' removes what the tests made");
        }
        if (again || (this.#groups.size === 0 && !this.holding)) process.exit(this.interrupted);
        console.error(
            `\n${signal}: ends the tests${this.holding ? ", then removes what they made" : ""}`,
        );
        this.#ended = Promise.all([...this.#groups].map(endGroup));
    }
}

/** Ends a process group; kills the processes that do not end in time. */
async function endGroup(group: number): Promise<void> {
    const end = Date.now() + graceMs;
    for (let signal: NodeJS.Signals | 0 = "SIGTERM"; trySignal(group, signal); signal = 0) {
        if (Date.now() > end) {
            trySignal(group, "SIGKILL");
            return;
        }
        await setTimeout(100);
    }
}

/** Sends a signal to a process group. Returns whether it has a process. */
function trySignal(group: number, signal: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(-group, signal);
    } catch {
        return false;
    }
}
