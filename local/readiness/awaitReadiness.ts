import { setTimeout as sleep } from "node:timers/promises";

import { findPodProblems } from "./podProblems.ts";
import type { Evidence, PodProblem } from "./podProblems.ts";
import { ProblemWatch } from "./problemWatch.ts";
import type { Readiness } from "./readiness.ts";
import type { ReasonRule } from "./reasonRules.ts";

/** Polling interval of the object, in milliseconds. */
const intervalMs = 1000;
/** Polling interval of its pods, in milliseconds; each poll may take several requests. */
const evidenceEveryMs = 5000;

/** An object to wait for. */
export interface Awaited {
    /** Kind and name, for messages. */
    what: string;
    /** Reads the object and judges its readiness. */
    look: () => Promise<Readiness>;
    /** Fetches the objects that may explain why it is not ready. */
    gather: () => Promise<Evidence>;
    limitMs: number;
    /** Cancels the wait. */
    signal?: AbortSignal;
    /** Rules for reasons that only these pods have. */
    rules?: readonly ReasonRule[];
    /** Shows the current reason for waiting; the next one replaces it. */
    progress?: (text: string) => void;
    /** Prints a lasting problem of a pod. */
    tell: (line: string) => void;
}

/**
 * Waits until an object is ready. Returns an empty list then, else why it is not ready and the problem of each of its
 * pods.
 *
 * Gives up after the time limit, or earlier when a problem cannot resolve by itself.
 */
export async function awaitReadiness(awaited: Awaited): Promise<string[]> {
    const { what, limitMs, signal, rules, progress, tell } = awaited;
    const start = Date.now();
    const watch = new ProblemWatch(start);
    const findProblems = async () => findPodProblems(await gather(awaited), rules);
    let evidenceAt = start + intervalMs;
    let shown = "";
    for (let pause = 100; ; pause = Math.min(pause * 2, intervalMs)) {
        const readiness = await awaited.look();
        if (readiness.state === "ready") return [];
        const refuse = (why: string, problems: readonly PodProblem[]) => [
            `${what} is not ready (${why}): ${readiness.reason}`,
            ...new Set(problems.map(({ text }) => text)),
        ];
        if (signal?.aborted) return refuse("cancelled", await findProblems());
        if (readiness.state === "failed") return refuse("failed", await findProblems());
        if (Date.now() - start >= limitMs) {
            return refuse(`after ${limitMs / 1000} s`, await findProblems());
        }
        if (Date.now() >= evidenceAt) {
            const problems = await findProblems();
            const now = Date.now();
            evidenceAt = now + evidenceEveryMs;
            const final = watch.note(problems, now);
            if (final.length > 0) {
                return refuse("it does not become so by itself", [...final, ...problems]);
            }
            for (const line of watch.tell(problems, now)) tell(line);
            const [first] = problems;
            const text = [readiness.reason, first?.brief ?? ""].filter(Boolean).join("; ");
            if (text !== shown) progress?.(text);
            shown = text;
        }
        await sleep(pause, undefined, { ...(signal && { signal }) }).catch(() => undefined);
    }
}

/** Returns empty evidence on errors: evidence only explains a failure, which has to be reported without it too. */
function gather(awaited: Awaited): Promise<Evidence> {
    return awaited.gather().catch(() => nothing);
}

const nothing: Evidence = { owners: [], replicaSets: [], pods: [], events: [], nodes: [] };
