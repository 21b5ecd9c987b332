import { setTimeout as sleep } from "node:timers/promises";

import type { DeleteOperation } from "../protocol/provider.ts";
import { objectOf, textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { ApiError, UnreachableError, isNotFound } from "./apiError.ts";
import type { Cluster } from "./cluster.ts";
import type { Kind } from "./kind.ts";
import { annotationOf, idOf, namesOf } from "./manifest.ts";
import { getObject, isSameObject } from "./objects.ts";
import { conditionsOf } from "../../readiness/conditions.ts";
import { timeoutMs } from "./ready/timeout.ts";

/** Polling interval of an object that is being deleted, in milliseconds. */
const intervalMs = 1000;

/** Deletes an object and its dependents, and returns when it is gone. */
export async function deleteObject(
    cluster: Cluster,
    kind: Kind,
    {
        outputs,
        inputs,
        log,
        signal,
        timeoutSeconds,
    }: Pick<DeleteOperation, "outputs" | "inputs" | "log" | "signal" | "timeoutSeconds">,
): Promise<void> {
    const names = namesOf(outputs);
    const what = `${kind.kind} '${idOf(outputs)}'`;
    const collection = await cluster.discovery.find(kind);
    // The kind no longer exists, so neither does the object.
    if (collection === undefined) return;
    const existing = await getObject(cluster, kind, names, signal);
    if (existing === undefined || !isSameObject(existing, outputs)) return;
    const policy = annotationOf(inputs, "pulumi.com/deletionPropagationPolicy") ?? "foreground";
    const propagationPolicy = policy.charAt(0).toUpperCase() + policy.slice(1);
    try {
        // A retry after a lost answer must not delete a new object of the same name.
        const preconditions = { uid: objectOf(existing, "metadata").uid ?? "" };
        const options = { propagationPolicy, preconditions };
        const body = { apiVersion: "v1", kind: "DeleteOptions", ...options };
        await cluster.send("DELETE", collection.path(names.namespace, names.name), { body, what });
    } catch (error) {
        const isReplaced = error instanceof ApiError && error.status === 409;
        if (!isNotFound(error) && !isReplaced) throw error;
    }
    if (annotationOf(inputs, "pulumi.com/skipAwait") === "true") return;

    const limit = timeoutMs(inputs, timeoutSeconds);
    const end = Date.now() + limit;
    let left: Values | undefined = existing;
    while (left !== undefined) {
        signal.throwIfAborted();
        if (Date.now() > end)
            throw new Error(`${what}: still there after ${limit / 1000} s: ${whyStill(left)}`);
        await sleep(left === existing ? 100 : intervalMs);
        left = await look(cluster, kind, names, existing, left);
        if (left !== undefined) log.progress(`waiting for deletion: ${whyStill(left)}`);
    }
}

async function look(
    cluster: Cluster,
    kind: Kind,
    names: { namespace: string; name: string },
    existing: Values,
    last: Values,
): Promise<Values | undefined> {
    try {
        const found = await getObject(cluster, kind, names);
        return found !== undefined && isSameObject(found, existing) ? { ...found } : undefined;
    } catch (error) {
        // Tolerates a restart of the API server.
        if (error instanceof UnreachableError) return { ...last };
        throw error;
    }
}

function whyStill(object: Values): string {
    const reasons = conditionsOf(object)
        .filter(({ status, type }) => status === "True" && /Remaining|Failure/.test(type))
        .map(({ message }) => message);
    const finalizers = [
        ...textsOf(objectOf(object, "metadata"), "finalizers"),
        ...textsOf(objectOf(object, "spec"), "finalizers"),
    ];
    if (finalizers.length > 0) reasons.push(`finalizers ${finalizers.join(", ")}`);
    return reasons.length > 0 ? reasons.join("; ") : "it is being shut down";
}
