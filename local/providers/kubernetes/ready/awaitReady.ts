import { setTimeout as sleep } from "node:timers/promises";

import type { Operation } from "../../protocol/provider.ts";
import type { Values } from "../../protocol/values.ts";
import { UnreachableError } from "../apiError.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { annotationOf, idOf, namesOf } from "../manifest.ts";
import { getObject } from "../objects.ts";
import { judgeFor } from "./judges.ts";
import { podReasons } from "./podReasons.ts";
import { failed, waiting } from "./readiness.ts";
import type { Judge, Readiness } from "./readiness.ts";
import { timeoutMs } from "./timeout.ts";

/** Time between two looks at an object that gets ready, in milliseconds. */
const intervalMs = 1000;
/** Time between two looks at the reasons, in milliseconds: they cost several requests. */
const reasonsEveryMs = 5000;

/** Waits until an object is ready, and says what is wrong when it does not get there. */
export async function awaitReady(
    cluster: Cluster,
    kind: Kind,
    object: Values,
    { log, signal, timeoutSeconds }: Operation,
): Promise<{ problems: string[] }> {
    const judge = judgeFor(kind);
    if (judge === undefined || skipsAwait(object)) return { problems: [] };
    const limit = timeoutMs(object, timeoutSeconds);
    const start = Date.now();
    let told = "";
    let reasonsAt = start + reasonsEveryMs;
    let reasons: string[] = [];
    for (let pause = 100; ; pause = Math.min(pause * 2, intervalMs)) {
        const readiness = await look(cluster, kind, object, judge);
        if (readiness.state === "ready") return { problems: [] };
        const waited = Date.now() - start;
        const isLate = waited > limit;
        if (readiness.state === "failed" || isLate || signal.aborted) {
            const why = signal.aborted
                ? "cancelled"
                : isLate
                  ? `after ${limit / 1000} s`
                  : "failed";
            const first = `${kind.kind} '${idOf(object)}' is not ready (${why}): ${readiness.reason}`;
            return { problems: [first, ...(await quietReasons(cluster, kind, object))] };
        }
        if (Date.now() >= reasonsAt) {
            reasons = await quietReasons(cluster, kind, object);
            reasonsAt = Date.now() + reasonsEveryMs;
        }
        const text = brief([readiness.reason, ...reasons.slice(0, 1)].join("; "));
        if (text !== told) log.progress(text);
        told = text;
        await sleep(pause);
    }
}

/** What keeps an object from being ready at this moment; nothing when it is ready or no one waits for its kind. */
export async function currentProblems(
    cluster: Cluster,
    kind: Kind,
    object: Values,
): Promise<string[]> {
    const judge = judgeFor(kind);
    if (judge === undefined || skipsAwait(object)) return [];
    const readiness = await judge(cluster, object);
    if (readiness.state === "ready") return [];
    return [readiness.reason, ...(await quietReasons(cluster, kind, object))];
}

/** One line of a terminal: the whole story is told when the wait fails. */
function brief(text: string): string {
    return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function skipsAwait(object: Values): boolean {
    return annotationOf(object, "pulumi.com/skipAwait") === "true";
}

async function look(
    cluster: Cluster,
    kind: Kind,
    object: Values,
    judge: Judge,
): Promise<Readiness> {
    try {
        const current = await getObject(cluster, kind, namesOf(object));
        if (current === undefined) return failed("it was deleted by someone else");
        return await judge(cluster, current);
    } catch (error) {
        // An API server that restarts is no reason to give up.
        if (error instanceof UnreachableError) return waiting(error.message);
        throw error;
    }
}

/** Reasons help to understand a failure; when they cannot be had, the failure itself still has to be told. */
async function quietReasons(cluster: Cluster, kind: Kind, object: Values): Promise<string[]> {
    return podReasons(cluster, kind, object).catch(() => []);
}
