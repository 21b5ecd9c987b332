import type { CheckFailure } from "./provider.ts";
import type { Values } from "./values.ts";

/** Refuses every input that a stand-in does not honour: left out silently, the resource would not be what was asked for. */
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

/** Says of an input how to get what the stand-in lacks. */
export function describeUnsupported(plugin: string): string {
    return (
        `is not known to the stand-in for plugin '${plugin}'; install the official plugin: ` +
        `'pulumi plugin install resource ${plugin}'`
    );
}

/** Refuses a resource without an input that the official schema requires. */
export function findMissing(required: readonly string[], inputs: Values): CheckFailure[] {
    return required
        .filter((property) => inputs[property] === undefined)
        .map((property) => ({ property, reason: "must be set, got nothing" }));
}
