import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { waitingFor } from "../steps.ts";

/** Runs a program to its end; gives its output, or throws what it printed on standard error. */
export async function run(command: string, args: string[]): Promise<string> {
    try {
        return (await promisify(execFile)(command, args, { maxBuffer: 64 << 20 })).stdout;
    } catch (error) {
        const { stderr } = error as { stderr?: string };
        const said = stderr?.trim() || (error as Error).message;
        throw new Error(`${command} ${args.join(" ")}: ${said}`, { cause: error });
    }
}

/** Whether a program ends with 0. */
export function succeeds(command: string, args: string[]): Promise<boolean> {
    return run(command, args).then(
        () => true,
        () => false,
    );
}

/** What is looked for cannot come any more: nothing waits on. */
export class HopelessError extends Error {}

/**
 * Looks until `look` gives something, or throws `what` with the last error after `seconds`. The current step shows that
 * it waits for it.
 */
export function waitFor<T>(
    what: string,
    seconds: number,
    look: () => Promise<T | undefined | false>,
    pauseMs = 250,
): Promise<T> {
    return waitingFor(what, () => lookUntil(what, seconds, look, pauseMs));
}

async function lookUntil<T>(
    what: string,
    seconds: number,
    look: () => Promise<T | undefined | false>,
    pauseMs: number,
): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (let cause: unknown; ;) {
        try {
            const seen = await look();
            if (seen !== undefined && seen !== false) return seen;
        } catch (error) {
            if (error instanceof HopelessError) throw error;
            cause = error;
        }
        if (Date.now() > end) {
            const why = cause instanceof Error ? `: ${cause.message}` : "";
            throw new Error(`${what} did not come within ${seconds} s${why}`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
}
