import { isDeepStrictEqual } from "node:util";

import { isValues } from "./values.ts";
import type { Value, Values } from "./values.ts";

export type ChangeKind = "add" | "update" | "delete";

/** A changed property: its path in Pulumi's notation, and whether the change forces a replacement. */
export interface Change {
    path: string;
    kind: ChangeKind;
    replaces: boolean;
}

export interface Difference {
    changes: Change[];
    /** Whether the old resource must be deleted before the new one is created, e.g. because of equal names. */
    deleteBeforeReplace?: boolean;
}

/** Compares inputs leaf by leaf. `replaces` tells whether a change at a path (keys, indexes) forces a replacement. */
export function differenceOf(
    oldInputs: Values,
    inputs: Values,
    replaces: (path: readonly (string | number)[]) => boolean,
): Difference {
    const changes: Change[] = [];
    visit([], oldInputs, inputs, (path, kind) => {
        changes.push({ path: pathText(path), kind, replaces: replaces(path) });
    });
    return { changes };
}

/** Returns a predicate: whether a path starts with one of the top-level properties. */
export function startsWithAny(names: readonly string[]) {
    return (path: readonly (string | number)[]): boolean => names.includes(String(path[0]));
}

type Path = readonly (string | number)[];

function visit(
    path: Path,
    before: Value | undefined,
    after: Value | undefined,
    report: (path: Path, kind: ChangeKind) => void,
): void {
    if (isDeepStrictEqual(before, after)) return;
    if (before === undefined) report(path, "add");
    else if (after === undefined) report(path, "delete");
    else if (isValues(before) && isValues(after)) {
        for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
            visit([...path, key], before[key], after[key], report);
    } else if (Array.isArray(before) && Array.isArray(after)) {
        for (let index = 0; index < Math.max(before.length, after.length); index += 1)
            visit([...path, index], before[index], after[index], report);
    } else report(path, "update");
}

/** Formats a path as Pulumi does: `spec.ports[0]["a.b"]`. */
function pathText(path: Path): string {
    let text = "";
    for (const part of path) {
        if (typeof part === "number") text += `[${part}]`;
        else if (/^[A-Za-z_$][\w$]*$/.test(part)) text += text === "" ? part : `.${part}`;
        else text += `[${JSON.stringify(part)}]`;
    }
    return text;
}
