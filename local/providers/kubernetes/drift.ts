import { isDeepStrictEqual } from "node:util";

import { isValues } from "../protocol/values.ts";
import type { Value } from "../protocol/values.ts";

/**
 * The inputs as they are in the cluster. `applied` is the result of applying the inputs again: a value equal to that of
 * `live` has not drifted, even if the server writes it differently (`1000m` as `1`).
 */
export function driftedInputs(
    input: Value,
    live: Value | undefined,
    applied: Value | undefined,
): Value | undefined {
    if (isDeepStrictEqual(live, applied)) return input;
    if (isValues(input) && isValues(live)) {
        const entries = Object.entries(input).map(([key, value]) => {
            const after = isValues(applied) ? applied[key] : undefined;
            return [key, driftedInputs(value, live[key], after)] as const;
        });
        return Object.fromEntries(
            entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined),
        );
    }
    if (Array.isArray(input) && Array.isArray(live) && input.length === live.length) {
        return input.map((value, index) => {
            const after = Array.isArray(applied) ? applied[index] : undefined;
            return driftedInputs(value, live[index], after) ?? null;
        });
    }
    return live;
}
