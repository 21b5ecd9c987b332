import { setTimeout as sleep } from "node:timers/promises";

import { findPodProblems } from "./podProblems.ts";
import type { Evidence, PodProblem } from "./podProblems.ts";
import { ProblemWatch } from "./problemWatch.ts";
import type { Readiness } from "./readiness.ts";
import type { ReasonRule } from "./reasonRules.ts";

/** Time between two looks at an object that gets ready, in milliseconds. */
const intervalMs = 1000;
/** Time between two looks at its pods, in milliseconds: they may cost several requests. */
const evidenceEveryMs = 5000;

/** An object that is waited for. */
export interface Awaited {
    /** Kind and name, for messages. */
    what: string;
    /** Judges the object as it stands. */
    look: () => Promise<Readiness>;
    /** Fetches what may say why it is not ready. */
    gather: () => Promise<Evidence>;
    limitMs: number;
    /** Ends the wait. */
    signal?: AbortSignal;
    /** Reasons that only these pods have. */
    rules?: readonly ReasonRule[];
    /** Takes what the object waits for now; replaced by the next such line. */
    progress?: (text: string) => void;
    /** Takes a line to keep: what has kept a pod from being ready for a while. */
    tell: (line: string) => void;
}

/**
 * Waits until an object is ready. Gives nothing then; else why it is not and what keeps each of its pods.
 *
 * It gives up at the limit, and before it when a reason cannot pass by itself.
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
            const text = brief([readiness.reason, first?.text ?? ""].filter(Boolean).join("; "));
            if (text !== shown) progress?.(text);
            shown = text;
        }
        await sleep(pause, undefined, { ...(signal && { signal }) }).catch(() => undefined);
    }
}

/** It helps to understand a failure; when it cannot be had, the failure itself still has to be told. */
function gather(awaited: Awaited): Promise<Evidence> {
    return awaited.gather().catch(() => nothing);
}

const nothing: Evidence = { owners: [], replicaSets: [], pods: [], events: [], nodes: [] };

/** One line of a terminal: the whole story is told when it lasts. */
function brief(text: string): string {
    return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}
