import type { PodProblem } from "./podProblems.ts";

/** A problem that one look does not show, such as between two attempts to pull an image, is still the same one. */
const gapMs = 15_000;
/** A start takes a few seconds: only after that, what it still waits for is worth a line. */
const firstMs = 10_000;
/** How often a problem that lasts is told again. */
const repeatMs = 30_000;

/** Knows since when each problem of a wait lasts: what to tell of it, and which one cannot pass any more. */
export class ProblemWatch {
    readonly #started: number;
    readonly #seen = new Map<string, { first: number; last: number; told?: number }>();

    /** @param now time of the beginning, in milliseconds, as all times here */
    constructor(now: number) {
        this.#started = now;
    }

    /** Takes what one look found; gives the problems that have lasted longer than they can take to pass. */
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

    /** What to tell now: new problems, and every half minute those that last. */
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
