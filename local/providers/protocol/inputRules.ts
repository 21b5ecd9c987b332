import type { CheckFailure } from "./provider.ts";
import type { Values } from "./values.ts";

/** Refuses every input that a stand-in does not support, instead of silently ignoring it. */
export function findUnsupported(
    plugin: string,
    inputs: Values,
    known: readonly string[],
    prefix = "",
): CheckFailure[] {
    return Object.keys(inputs)
        .filter((property) => !known.includes(property) && !property.startsWith("__"))
        .map((property) => ({
            property: `${prefix}${property}`,
            reason: describeUnsupported(plugin),
        }));
}

/** Describes an unsupported input, and how to install the official plugin. */
export function describeUnsupported(plugin: string): string {
    return (
        `is not known to the stand-in for plugin '${plugin}'; install the official plugin: ` +
        `'pulumi plugin install resource ${plugin}'`
    );
}

/** Refuses a resource that lacks an input required by the official schema. */
export function findMissing(required: readonly string[], inputs: Values): CheckFailure[] {
    return required
        .filter((property) => inputs[property] === undefined)
        .map((property) => ({ property, reason: "must be set, got nothing" }));
}
