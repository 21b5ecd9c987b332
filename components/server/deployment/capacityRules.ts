import type { ArgProblem } from "../../problems/argProblem.ts";
import { defaultResources, type ResourcesArgs } from "./podSpec.ts";

type Kind = "cpu" | "memory";

const units: Record<string, number> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
};

/** Refuses quantities that are none, and requests above their limit. */
export function findResourceProblems({ requests, limits }: ResourcesArgs): ArgProblem[] {
    return (["cpu", "memory"] as const).flatMap((kind) => [
        ...findQuantityProblems(`resources.requests.${kind}`, kind, requests?.[kind]),
        ...findQuantityProblems(`resources.limits.${kind}`, kind, limits?.[kind]),
        ...findOrderProblems(
            kind,
            requests?.[kind] ?? defaultResources.requests[kind],
            limits?.[kind] ?? defaultResources.limits[kind],
        ),
    ]);
}

function findQuantityProblems(path: string, kind: Kind, quantity = "1"): ArgProblem[] {
    const example = kind === "cpu" ? "'250m' or '0.25'" : "'256Mi'";
    return readQuantity(quantity) > 0
        ? []
        : [{ path, reason: `must be a quantity such as ${example}, got '${quantity}'` }];
}

function findOrderProblems(kind: Kind, request: string, limit: string): ArgProblem[] {
    return readQuantity(request) > readQuantity(limit)
        ? [
              {
                  path: `resources.requests.${kind}`,
                  reason: `must not be above resources.limits.${kind} ('${limit}'), got '${request}'`,
              },
          ]
        : [];
}

/** The number a Kubernetes quantity stands for; NaN when it is none. */
function readQuantity(quantity: string): number {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
    return Number(digits) * (units[unit] ?? Number.NaN);
}
