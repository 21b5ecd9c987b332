import type { LiveResource, ReadOperation } from "../protocol/provider.ts";
import { isValues, objectOf, textOf, without } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";
import { ApiError } from "./apiError.ts";
import type { Cluster } from "./cluster.ts";
import { driftedInputs } from "./drift.ts";
import type { Kind } from "./kind.ts";
import { idOf, manifestOf, outputsOf } from "./manifest.ts";
import { applyObject, getObject } from "./objects.ts";
import { currentProblems } from "./ready/awaitReady.ts";

/** Reads an object for a refresh, or by id alone for `.get()` and import. */
export async function readObject(
    cluster: Cluster,
    kind: Kind,
    { id, oldInputs, signal }: ReadOperation,
    fieldManager: string,
): Promise<LiveResource | undefined> {
    const live = await getObject(cluster, kind, namesOfId(cluster, id), signal);
    if (live === undefined) return undefined;
    const outputs = outputsOf(live, fieldManager);
    if (oldInputs === undefined) return { id: idOf(live), inputs: importedInputs(live), outputs };
    // A resource of `.get()` is not managed here: it has no inputs that could drift.
    if (Object.keys(oldInputs).length === 0) return { id: idOf(live), inputs: {}, outputs };
    const manifest = manifestOf(oldInputs, kind);
    const options = { fieldManager, dryRun: true, force: true, signal };
    const applied = await applyObject(cluster, kind, manifest, options).catch((error: unknown) => {
        // Refused because an immutable field differs: every difference to the manifest counts as drift.
        if (error instanceof ApiError) return manifest;
        throw error;
    });
    const inputs = driftedInputs(oldInputs, withStringData(live), withStringData(applied));
    const problems = await currentProblems(cluster, kind, live);
    return { id: idOf(live), inputs: isValues(inputs) ? inputs : {}, outputs, problems };

    /** Returns a Secret's data as `data` and as `stringData`, as a program may use either. */
    function withStringData(object: Values): Values {
        if (kind.kind !== "Secret" || kind.apiVersion !== "v1") return object;
        const data = objectOf(object, "data");
        const decoded = Object.keys(data).map((key): [string, Value] => {
            return [key, Buffer.from(textOf(data, key) ?? "", "base64").toString()];
        });
        return { ...object, stringData: Object.fromEntries(decoded) };
    }
}

function namesOfId(cluster: Cluster, id: string): { namespace: string; name: string } {
    const [first = "", second] = id.split("/");
    return second === undefined
        ? { namespace: cluster.defaultNamespace, name: first }
        : { namespace: first, name: second };
}

/** Inputs that would create the object, without the fields that the server adds. */
function importedInputs(live: Values): Values {
    const { name, namespace, labels, annotations } = objectOf(live, "metadata");
    const metadata = Object.entries({ name, namespace, labels, annotations }).filter(
        (entry): entry is [string, Value] => entry[1] !== undefined,
    );
    return { ...without(live, "status"), metadata: Object.fromEntries(metadata) };
}
