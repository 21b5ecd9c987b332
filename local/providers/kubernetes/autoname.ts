import { createHash } from "node:crypto";

import type { CheckOperation } from "../protocol/provider.ts";
import { objectOf, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { annotationOf, namesOf } from "./manifest.ts";

/** Marks a generated name: a replacement gets a new one. */
export const autonamed = "pulumi.com/autonamed";

/** Names an object without a name: its previous name, or a new one `<name>-<8 hex>`. */
export function withName(operation: CheckOperation): Values {
    const { inputs, oldInputs, autonaming } = operation;
    const metadata = objectOf(inputs, "metadata");
    if (metadata.name !== undefined) return inputs;
    if (autonaming?.mode === "disable")
        throw new Error(
            "metadata.name: must be set, because the stack's configuration forbids generated names",
        );
    const { generateName, ...rest } = metadata;
    const name =
        oldName(oldInputs) ??
        newName(operation, textOf({ generateName: generateName ?? null }, "generateName"));
    const annotations = { ...objectOf(rest, "annotations"), [autonamed]: "true" };
    return { ...inputs, metadata: { ...rest, name, annotations } };
}

/** Whether the name is generated, so that a replacement can be created before the old object is deleted. */
export function isAutonamed(inputs: Values): boolean {
    return annotationOf(inputs, autonamed) === "true";
}

function oldName(oldInputs: Values): string | undefined {
    const { name } = namesOf(oldInputs);
    return isAutonamed(oldInputs) && name !== "" ? name : undefined;
}

function newName(
    { name, randomSeed, autonaming }: CheckOperation,
    generateName: string | undefined,
): string {
    if (autonaming !== undefined && autonaming.proposedName !== "") return autonaming.proposedName;
    const suffix = createHash("sha256").update(randomSeed).digest("hex").slice(0, 8);
    return generateName === undefined ? `${name}-${suffix}` : `${generateName}${suffix}`;
}
