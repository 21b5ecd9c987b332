import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./apiError.ts";
import type { Cluster } from "./cluster.ts";
import type { Kind } from "./kind.ts";
import { idOf, namesOf } from "./manifest.ts";

export interface ApplyOptions {
    fieldManager: string;
    /** Returns the result without storing it. */
    dryRun: boolean;
    /** Whether to take fields from other managers. */
    force: boolean;
    signal: AbortSignal;
}

/** Applies a manifest by server-side apply: creates the object, or updates the fields of this manager. */
export async function applyObject(
    cluster: Cluster,
    kind: Kind,
    manifest: Values,
    { fieldManager, dryRun, force, signal }: ApplyOptions,
): Promise<Values> {
    const collection = await cluster.discovery.get(kind);
    const { namespace, name } = namesOf(manifest);
    return cluster.send("PATCH", collection.path(namespace, name), {
        query: {
            fieldManager,
            force: String(force),
            // A misspelt field is an error instead of a warning.
            fieldValidation: "Strict",
            ...(dryRun && { dryRun: "All" }),
        },
        contentType: "application/apply-patch+yaml",
        body: manifest,
        signal,
        what: `${kind.kind} '${idOf(manifest)}'`,
    });
}

/** The live object; undefined when there is none. */
export async function getObject(
    cluster: Cluster,
    kind: Kind,
    names: { namespace: string; name: string },
    signal?: AbortSignal,
): Promise<Values | undefined> {
    const collection = await cluster.discovery.find(kind);
    if (collection === undefined) return undefined;
    const what = `${kind.kind} '${idOf({ metadata: names })}'`;
    try {
        const path = collection.path(names.namespace, names.name);
        return await cluster.send("GET", path, { what, ...(signal && { signal }) });
    } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
    }
}

/** Lists the objects of a kind in a namespace, filtered by selectors. */
export async function listObjects(
    cluster: Cluster,
    kind: Kind,
    namespace: string,
    query: { labelSelector?: string; fieldSelector?: string },
): Promise<Values[]> {
    const collection = await cluster.discovery.get(kind);
    const { items } = await cluster.send("GET", collection.path(namespace), { query });
    return Array.isArray(items) ? (items as Values[]) : [];
}

/** Whether two responses are of the same object (same uid), not only of the same name. */
export function isSameObject(one: Values, other: Values): boolean {
    const uid = (object: Values) => textOf((object.metadata ?? {}) as Values, "uid");
    return uid(one) === uid(other);
}
