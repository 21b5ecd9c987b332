import type * as z from "zod";

/** A copy of `value` without the keys that a schema did not know, so that the rest can be looked at. */
export function withoutUnknownKeys<T extends object>(value: T, issues: z.core.$ZodIssue[]): T {
    const copy = structuredClone(value);
    for (const issue of issues) {
        if (issue.code === "unrecognized_keys") {
            const owner = issue.path.reduce<unknown>(
                (parent, key) => (parent as Record<PropertyKey, unknown>)[key],
                copy,
            );
            for (const key of issue.keys) {
                delete (owner as Record<string, unknown>)[key];
            }
        }
    }
    return copy;
}
