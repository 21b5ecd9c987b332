import { isValues, objectOf, textOf, without } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Kind } from "./kind.ts";

/** The manifest to apply: the inputs without what only the program or the engine needs. */
export function manifestOf(inputs: Values, { apiVersion, kind }: Kind): Values {
    const manifest = { ...without(inputs, "stringData", "status"), apiVersion, kind };
    const { stringData } = inputs;
    // The server never returns `stringData`; converted to `data`, the object can be compared with the live one.
    if (kind === "Secret" && apiVersion === "v1" && isValues(stringData)) {
        const encoded = Object.entries(stringData).map(([key, value]): [string, string] => [
            key,
            Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
                "base64",
            ),
        ]);
        const data = { ...objectOf(inputs, "data"), ...Object.fromEntries(encoded) };
        return { ...manifest, data };
    }
    return manifest;
}

/** The outputs: the live object without `managedFields`. */
export function outputsOf(live: Values, fieldManager: string): Values {
    const metadata = without(objectOf(live, "metadata"), "managedFields");
    return { ...live, metadata, __fieldManager: fieldManager };
}

/** Name and namespace of an object. */
export function namesOf(object: Values): { namespace: string; name: string } {
    const metadata = objectOf(object, "metadata");
    return {
        namespace: textOf(metadata, "namespace") ?? "",
        name: textOf(metadata, "name") ?? "",
    };
}

/** An annotation, or undefined. */
export function annotationOf(object: Values, key: string): string | undefined {
    return textOf(objectOf(objectOf(object, "metadata"), "annotations"), key);
}

/** The id of an object, in the official provider's format. */
export function idOf(object: Values): string {
    const { namespace, name } = namesOf(object);
    return namespace === "" ? name : `${namespace}/${name}`;
}
