import type { PodProblem } from "./podProblems.ts";

/** A problem may be absent from a poll, e.g. between two attempts to pull an image, and still be the same problem. */
const gapMs = 15_000;
/** Problems in the first seconds of a start are normal and not reported. */
const firstMs = 10_000;
/** Interval at which a lasting problem is reported again. */
const repeatMs = 30_000;

/** Tracks how long each problem of a wait has lasted, to decide when to report it and when to give up. */
export class ProblemWatch {
    readonly #started: number;
    readonly #seen = new Map<string, { first: number; last: number; told?: number }>();

    /** @param now start of the wait, in milliseconds like all times here */
    constructor(now: number) {
        this.#started = now;
    }

    /** Records the problems of one poll. Returns those that have lasted longer than their grace period. */
    note(problems: readonly PodProblem[], now: number): PodProblem[] {
        for (const { key } of problems) {
            const before = this.#seen.get(key);
            if (before === undefined || now - before.last > gapMs) {
                this.#seen.set(key, { first: now, last: now });
            } else before.last = now;
        }
        return problems.filter(({ key, graceSeconds = Infinity }) => {
            return now - this.#seen.get(key)!.first >= graceSeconds * 1000;
        });
    }

    /** The problems to report now: new ones, and lasting ones every half minute. */
    tell(problems: readonly PodProblem[], now: number): string[] {
        if (now - this.#started < firstMs) return [];
        return problems.flatMap(({ key, text }) => {
            const seen = this.#seen.get(key);
            if (seen === undefined) return [];
            if (seen.told !== undefined && now - seen.told < repeatMs) return [];
            seen.told = now;
            return [text];
        });
    }
}
