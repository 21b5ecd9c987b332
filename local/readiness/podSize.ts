import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { objectsOf } from "./conditions.ts";

/** Time for a cluster that adds a larger node by itself, in seconds. */
const graceSeconds = 30;

/** Says that a pod requests more than any node has at all, however empty it is; undefined when one is large enough. */
export function describeTooLarge(
    pod: Values,
    nodes: readonly Values[],
): { repair: string; graceSeconds: number } | undefined {
    for (const resource of ["memory", "cpu"]) {
        const wanted = sumRequests(pod, resource);
        const sizes = nodes.map((node) =>
            readQuantity(textOf(objectOf(objectOf(node, "status"), "allocatable"), resource)),
        );
        const largest = Math.max(...sizes);
        if (sizes.length === 0 || !(wanted > largest)) continue;
        const repair =
            `the pod requests ${describe(wanted, resource)} and the largest node has ` +
            `${describe(largest, resource)}: request less, or add a larger node`;
        return { repair, graceSeconds };
    }
    return undefined;
}

/** Containers run together; init containers run before them, one at a time. */
function sumRequests(pod: Values, resource: string): number {
    const spec = objectOf(pod, "spec");
    const requestOf = (container: Values) =>
        readQuantity(textOf(objectOf(objectOf(container, "resources"), "requests"), resource));
    const together = objectsOf(spec, "containers").reduce((sum, one) => sum + requestOf(one), 0);
    return Math.max(together, ...objectsOf(spec, "initContainers").map(requestOf));
}

const prefixes = ["k", "M", "G", "T", "P", "E"];

/** The number that a quantity as the API server writes it (`100m`, `640Mi`) stands for; 0 when there is none. */
function readQuantity(quantity = "0"): number {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
    const power = prefixes.indexOf(unit.charAt(0).replace("K", "k")) + 1;
    if (power > 0) return Number(digits) * (unit.endsWith("i") ? 1024 : 1000) ** power;
    return unit === "" ? Number(digits) : unit === "m" ? Number(digits) / 1000 : Number.NaN;
}

function describe(amount: number, resource: string): string {
    return resource === "cpu" ? `${amount} CPUs` : `${Math.ceil(amount / 2 ** 20)} MiB of memory`;
}
