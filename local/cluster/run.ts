import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { waitingFor } from "../steps.ts";

/** Runs a program. Returns its standard output, or throws its standard error. */
export async function run(command: string, args: string[]): Promise<string> {
    try {
        return (await promisify(execFile)(command, args, { maxBuffer: 64 << 20 })).stdout;
    } catch (error) {
        const { stderr } = error as { stderr?: string };
        const said = stderr?.trim() || (error as Error).message;
        throw new Error(`${command} ${args.join(" ")}: ${said}`, { cause: error });
    }
}

/** Whether a program exits with 0. */
export function succeeds(command: string, args: string[]): Promise<boolean> {
    return run(command, args).then(
        () => true,
        () => false,
    );
}

/** The awaited condition cannot occur any more; ends `waitFor` at once. */
export class HopelessError extends Error {}

/**
 * Polls `look` until it returns a value, or throws `what` with the last error after `seconds`. The current step shows
 * the wait.
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
