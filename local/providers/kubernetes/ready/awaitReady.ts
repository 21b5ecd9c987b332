import { awaitReadiness } from "../../../readiness/awaitReadiness.ts";
import { findPodProblems } from "../../../readiness/podProblems.ts";
import { failed, waiting } from "../../../readiness/readiness.ts";
import { serverRules } from "../../../readiness/serverRules.ts";
import type { Operation } from "../../protocol/provider.ts";
import type { Values } from "../../protocol/values.ts";
import { UnreachableError } from "../apiError.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { annotationOf, idOf, namesOf } from "../manifest.ts";
import { getObject } from "../objects.ts";
import { fetchEvidence } from "./evidence.ts";
import { judgeFor } from "./judges.ts";
import { timeoutMs } from "./timeout.ts";

/** Waits until an object is ready; on failure the error lists its problems. */
export async function awaitReady(
    cluster: Cluster,
    kind: Kind,
    object: Values,
    operation: Operation,
): Promise<{ problems: string[] }> {
    const judge = judgeFor(kind);
    if (judge === undefined || skipsAwait(object)) return { problems: [] };
    const { log, signal, othersFailed, timeoutSeconds } = operation;
    let current = object;
    const problems = await awaitReadiness({
        what: `${kind.kind} '${idOf(object)}'`,
        look: async () => {
            try {
                const found = await getObject(cluster, kind, namesOf(object), signal);
                if (found === undefined) return failed("it was deleted by someone else");
                current = found;
                return await judge({ cluster, othersFailed }, current);
            } catch (error) {
                // Tolerates a restart of the API server; a cancelled request is not a failure.
                if (!(error instanceof UnreachableError) && !signal.aborted) throw error;
                return waiting((error as Error).message);
            }
        },
        gather: () => fetchEvidence(cluster, kind, current),
        limitMs: timeoutMs(object, timeoutSeconds),
        rules: serverRules,
        signal,
        progress: (text) => log.progress(text),
        tell: (line) => log.info(line),
    });
    if (problems.length > 0) cluster.giveUp(object);
    return { problems };
}

/** Current problems of an object; empty when it is ready or its kind is not awaited. */
export async function currentProblems(
    cluster: Cluster,
    kind: Kind,
    object: Values,
): Promise<string[]> {
    const judge = judgeFor(kind);
    if (judge === undefined || skipsAwait(object)) return [];
    const readiness = await judge({ cluster }, object);
    if (readiness.state === "ready") return [];
    const evidence = await fetchEvidence(cluster, kind, object).catch(() => undefined);
    const problems = evidence === undefined ? [] : findPodProblems(evidence, serverRules);
    return [readiness.reason, ...problems.map(({ text }) => text)];
}

function skipsAwait(object: Values): boolean {
    return annotationOf(object, "pulumi.com/skipAwait") === "true";
}
