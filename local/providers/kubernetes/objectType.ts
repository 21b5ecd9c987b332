import { createHash } from "node:crypto";

import { differenceOf } from "../protocol/difference.ts";
import { describeUnsupported } from "../protocol/inputRules.ts";
import type {
    CheckFailure,
    CreateOperation,
    ReadOperation,
    ResourceType,
} from "../protocol/provider.ts";
import { NotReadyError } from "../protocol/providerError.ts";
import { containsUnknown, objectOf, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { ApiError, isNotFound } from "./apiError.ts";
import { isAutonamed, withName } from "./autoname.ts";
import type { Cluster } from "./cluster.ts";
import { deleteObject } from "./deleteObject.ts";
import type { Kind } from "./kind.ts";
import { annotationOf, idOf, manifestOf, namesOf, outputsOf } from "./manifest.ts";
import { applyObject, getObject } from "./objects.ts";
import { readObject } from "./readObject.ts";
import { replacesFor } from "./replacements.ts";
import { awaitReady } from "./ready/awaitReady.ts";

/** Resource type of one kind in a cluster. */
export function objectType(cluster: Cluster, kind: Kind): ResourceType {
    const isSecret = kind.apiVersion === "v1" && kind.kind === "Secret";
    const secrets = isSecret ? ["data", "stringData"] : [];
    return {
        secretOutputs: secrets,
        check: async (operation) => {
            const inputs = await withNamespace(cluster, kind, withName(operation));
            return { inputs, secretInputs: secrets, failures: findUnhonoured(inputs) };
        },
        diff: ({ oldInputs, inputs }) => {
            const difference = differenceOf(oldInputs, inputs, replacesFor(kind));
            const before = namesOf(oldInputs);
            const after = namesOf(inputs);
            const sameName = before.name === after.name && before.namespace === after.namespace;
            return { ...difference, deleteBeforeReplace: sameName && !isAutonamed(inputs) };
        },
        create: async (operation) => {
            const { inputs, preview } = operation;
            const fieldManager = managerFor(operation.urn);
            if (preview && containsUnknown(inputs)) return { id: "", outputs: inputs };
            const run = () => apply(cluster, kind, operation, fieldManager);
            const outputs = preview ? await orInputs(run, cluster, kind, inputs) : await run();
            return { id: preview ? "" : idOf(outputs), outputs };
        },
        update: async (operation) => {
            const { inputs, preview, oldOutputs } = operation;
            if (preview && containsUnknown(inputs)) return inputs;
            const fieldManager = textOf(oldOutputs, "__fieldManager") ?? managerFor(operation.urn);
            const run = () => apply(cluster, kind, operation, fieldManager);
            return preview ? orInputs(run, cluster, kind, inputs) : run();
        },
        read: (operation: ReadOperation) => {
            const { oldOutputs, urn } = operation;
            const fieldManager = textOf(oldOutputs, "__fieldManager") ?? managerFor(urn);
            return readObject(cluster, kind, operation, fieldManager);
        },
        delete: (operation) => deleteObject(cluster, kind, operation),
    };
}

/** One field manager per resource: an interrupted creation is resumed, but another stack's object is not adopted. */
function managerFor(urn: string): string {
    return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

async function withNamespace(cluster: Cluster, kind: Kind, inputs: Values): Promise<Values> {
    const metadata = objectOf(inputs, "metadata");
    if (metadata.namespace !== undefined) return inputs;
    const collection = await cluster.discovery.find(kind);
    if (collection?.namespaced !== true) return inputs;
    return { ...inputs, metadata: { ...metadata, namespace: cluster.defaultNamespace } };
}

async function apply(
    cluster: Cluster,
    kind: Kind,
    operation: CreateOperation,
    fieldManager: string,
): Promise<Values> {
    const { inputs, preview, signal } = operation;
    const manifest = manifestOf(inputs, kind);
    const options = { fieldManager, dryRun: preview, signal, force: forces(cluster, inputs) };
    const live = await applyObject(cluster, kind, manifest, options).catch((error: unknown) => {
        throw error instanceof ApiError && error.conflicts.length > 0
            ? ownedByOthers(error)
            : error;
    });
    if (preview) return outputsOf(live, fieldManager);
    const { problems } = await awaitReady(cluster, kind, live, operation);
    const current = (await getObject(cluster, kind, namesOf(live))) ?? live;
    const outputs = outputsOf(current, fieldManager);
    if (problems.length > 0) throw new NotReadyError(idOf(live), outputs, problems);
    return outputs;
}

/** Whether to take fields from other managers, by the object's annotation or the provider's configuration. */
function forces(cluster: Cluster, inputs: Values): boolean {
    const annotated = annotationOf(inputs, "pulumi.com/patchForce");
    return annotated === undefined ? cluster.patchForce : annotated === "true";
}

function ownedByOthers(error: ApiError): Error {
    return new Error(
        `${error.message}; the object exists and others manage it: ${error.conflicts.join(", ")}; choose another ` +
            "name, leave these fields out, or take them over with the annotation 'pulumi.com/patchForce: \"true\"'",
        { cause: error },
    );
}

/** Annotations of the official provider that are not supported here. */
const unhonoured = ["waitFor", "replaceUnready", "patchFieldManager"];

function findUnhonoured(inputs: Values): CheckFailure[] {
    return unhonoured
        .map((name) => `pulumi.com/${name}`)
        .filter((name) => annotationOf(inputs, name) !== undefined)
        .map((name) => ({
            property: `metadata.annotations["${name}"]`,
            reason: describeUnsupported("kubernetes"),
        }));
}

/** In a preview, the object's namespace or kind may not exist yet. */
async function orInputs(
    run: () => Promise<Values>,
    cluster: Cluster,
    kind: Kind,
    inputs: Values,
): Promise<Values> {
    if ((await cluster.discovery.find(kind)) === undefined) return inputs;
    try {
        return await run();
    } catch (error) {
        if (isNotFound(error) && objectOf(error.answer, "details").kind === "namespaces")
            return inputs;
        throw error;
    }
}
