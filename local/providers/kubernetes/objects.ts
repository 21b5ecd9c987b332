import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./apiError.ts";
import type { Cluster } from "./cluster.ts";
import type { Kind } from "./kind.ts";
import { idOf, namesOf } from "./manifest.ts";

export interface ApplyOptions {
    fieldManager: string;
    /** Only asks what would become of the object. */
    dryRun: boolean;
    /** Takes fields from other managers. */
    force: boolean;
    signal: AbortSignal;
}

/** Applies a manifest (server-side apply): makes the object, or changes what this manager said of it before. */
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
            // A misspelt field is an error, not a warning nobody reads.
            fieldValidation: "Strict",
            ...(dryRun && { dryRun: "All" }),
        },
        contentType: "application/apply-patch+yaml",
        body: manifest,
        signal,
        what: `${kind.kind} '${idOf(manifest)}'`,
    });
}

/** The object as it stands, or undefined. */
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

/** Objects of a kind in a namespace, narrowed by selectors. */
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

/** Whether two answers are about one object, not about another one of the same name. */
export function isSameObject(one: Values, other: Values): boolean {
    const uid = (object: Values) => textOf((object.metadata ?? {}) as Values, "uid");
    return uid(one) === uid(other);
}
