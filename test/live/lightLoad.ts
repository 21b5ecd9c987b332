import { setTimeout } from "node:timers/promises";

import { addNumbers, bearer, post } from "./post.ts";

/** What became of the calls of a load. */
export interface LoadResult {
    calls: number;
    /** Calls that did not come back with the sum, with what came instead. */
    failures: string[];
}

/** A load of session-less calls, one after the other on each of a few connections, until it is stopped. */
export interface Load {
    /** Resolves when so many calls have come back. */
    answered(calls: number): Promise<void>;
    stop(): Promise<LoadResult>;
}

/**
 * Starts `connections` loops of `add_numbers` calls against `url`, each pausing `pauseMs` between two calls.
 *
 * Bounded: it ends by itself after 10 minutes.
 */
export function startLightLoad(
    url: string,
    token: string,
    { connections = 2, pauseMs = 50 } = {},
): Load {
    const result: LoadResult = { calls: 0, failures: [] };
    const end = Date.now() + 600_000;
    let stopped = false;
    const loop = async () => {
        while (!stopped && Date.now() < end) {
            result.calls += 1;
            try {
                const { status, text } = await post(url, addNumbers, bearer(token));
                if (status !== 200 || !text.includes("42")) {
                    result.failures.push(`${status} ${text.slice(0, 200)}`);
                }
            } catch (error) {
                result.failures.push(String((error as Error).cause ?? error));
            }
            await setTimeout(pauseMs);
        }
    };
    const loops = Array.from({ length: connections }, loop);
    return {
        answered: async (calls) => {
            while (result.calls <= calls) await setTimeout(20);
        },
        stop: async () => {
            stopped = true;
            await Promise.all(loops);
            return result;
        },
    };
}
