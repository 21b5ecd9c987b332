import type { Value } from "../protocol/values.ts";

/** Refuses a count that is not a positive integer. */
export function refuseCount(
    property: string,
    value: Value | undefined,
): { property: string; reason: string }[] {
    if (value === undefined || (Number.isInteger(value) && Number(value) >= 1)) return [];
    return [
        {
            property,
            reason: `must be a whole number of at least 1, got '${JSON.stringify(value)}'`,
        },
    ];
}
