import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { objectsOf } from "./conditions.ts";

/** Time for a cluster autoscaler to add a larger node, in seconds. */
const graceSeconds = 30;

/** Describes a pod that requests more than the total capacity of any node; undefined when one is large enough. */
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

/** Requests of a pod: its containers run together, its init containers before them and one at a time. */
function sumRequests(pod: Values, resource: string): number {
    const spec = objectOf(pod, "spec");
    const requestOf = (container: Values) =>
        readQuantity(textOf(objectOf(objectOf(container, "resources"), "requests"), resource));
    const together = objectsOf(spec, "containers").reduce((sum, one) => sum + requestOf(one), 0);
    return Math.max(together, ...objectsOf(spec, "initContainers").map(requestOf));
}

const prefixes = ["k", "M", "G", "T", "P", "E"];

/** Parses a Kubernetes quantity (`100m`, `640Mi`); 0 when absent. */
function readQuantity(quantity = "0"): number {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
    const power = prefixes.indexOf(unit.charAt(0).replace("K", "k")) + 1;
    if (power > 0) return Number(digits) * (unit.endsWith("i") ? 1024 : 1000) ** power;
    return unit === "" ? Number(digits) : unit === "m" ? Number(digits) / 1000 : Number.NaN;
}

function describe(amount: number, resource: string): string {
    return resource === "cpu" ? `${amount} CPUs` : `${Math.ceil(amount / 2 ** 20)} MiB of memory`;
}
