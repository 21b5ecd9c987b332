import { spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";

/** Time between SIGTERM and SIGKILL. */
const graceMs = 10_000;

/**
 * Runs programs one after the other, each in its own process group, so that a signal to this process ends the whole
 * process tree of the program first, and what it created can be removed after that.
 */
export class Programs {
    /** Whether this process must clean up before it ends. */
    holding = false;
    #group: number | undefined;
    #signal: NodeJS.Signals | undefined;
    #ended = Promise.resolve();

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

    /** Runs a program with inherited output. Returns its exit code. */
    async run(
        command: string,
        args: string[],
        environment: Record<string, string> = {},
    ): Promise<number> {
        if (this.interrupted !== undefined) return this.interrupted;
        const child = spawn(command, args, {
            stdio: ["ignore", "inherit", "inherit"],
            env: { ...process.env, ...environment },
            detached: true,
        });
        this.#group = child.pid;
        try {
            return await new Promise((resolve, reject) => {
                child.on("error", reject);
                child.on("exit", (code) => resolve(code ?? 1));
            });
        } finally {
            await this.#ended;
            this.#group = undefined;
        }
    }

    #interrupt(signal: NodeJS.Signals): void {
        const again = this.#signal !== undefined;
        this.#signal ??= signal;
        if (again && this.holding) {
            console.error("interrupted again: the next 'npm test' removes what the tests made");
        }
        if (again || (this.#group === undefined && !this.holding)) process.exit(this.interrupted);
        console.error(
            `\n${signal}: ends the tests${this.holding ? ", then removes what they made" : ""}`,
        );
        if (this.#group !== undefined) this.#ended = endGroup(this.#group);
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
