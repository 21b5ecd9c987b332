import { differenceOf } from "./difference.ts";
import type { CheckOperation, ResourceType } from "./provider.ts";
import { containsUnknown, isValues, unknown } from "./values.ts";
import type { Value, Values } from "./values.ts";

export interface FrozenTypeOptions {
    /** Default values of inputs. */
    defaults: Values;
    /** Outputs besides the inputs and the id; `make` returns their values. */
    outputs: readonly string[];
    secretOutputs: readonly string[];
    /** Returns the problems of the inputs. Unknown inputs are left out. */
    refuse?(inputs: Values): { property: string; reason: string }[];
    /** Creates the resource. */
    make(inputs: Values): Promise<{ id: string; outputs: Values }>;
    /** Whether the resource must be replaced although no input changed. */
    isSpent?(outputs: Values): boolean;
}

/** A resource type that exists in the state only and is replaced when any input changes, as in `random` and `tls`. */
export function frozenType(options: FrozenTypeOptions): ResourceType {
    return {
        secretOutputs: options.secretOutputs,
        check: ({ inputs }: CheckOperation) => {
            const complete = { ...options.defaults, ...inputs };
            const known = Object.entries(complete).filter(([, value]) => !containsUnknown(value));
            return {
                inputs: complete,
                failures: options.refuse?.(Object.fromEntries(known)) ?? [],
                secretInputs: options.secretOutputs.filter((name) => name in complete),
            };
        },
        diff: ({ oldInputs, oldOutputs, inputs }) => {
            const difference = differenceOf(oldInputs, inputs, () => true);
            if (options.isSpent?.(oldOutputs) === true)
                difference.changes.push({
                    path: "readyForRenewal",
                    kind: "update",
                    replaces: true,
                });
            return difference;
        },
        create: async ({ inputs, preview }) => {
            if (!preview) {
                const { id, outputs } = await options.make(inputs);
                return { id, outputs: { ...inputs, ...outputs } };
            }
            const later = options.outputs.map((name): [string, Value] => [name, unknown]);
            return { id: "", outputs: { ...inputs, ...Object.fromEntries(later) } };
        },
        // Every change replaces. The engine updates in place only to repair, which needs no work here.
        update: ({ oldOutputs, inputs }) => Promise.resolve({ ...oldOutputs, ...inputs }),
        read: ({ id, oldInputs, oldOutputs }) => {
            const made = Object.keys(oldOutputs).length > 0 && isValues(oldInputs);
            return Promise.resolve(
                made ? { id, inputs: oldInputs, outputs: oldOutputs } : undefined,
            );
        },
        delete: () => Promise.resolve(),
    };
}
