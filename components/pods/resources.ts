import * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../problems/argProblem.ts";
import { checkInput } from "../problems/inputs.ts";

/** CPU and memory as Kubernetes quantities, such as `100m` and `256Mi`. */
export interface Quantities {
    cpu?: pulumi.Input<string>;
    memory?: pulumi.Input<string>;
}

/** CPU and memory of one pod. */
export interface ResourcesArgs {
    /**
     * Reserved for every pod; an autoscaler measures against it.
     *
     * @default `resources.requests` in the defaults of the component
     */
    requests?: Quantities;
    /**
     * Upper bound: a pod that needs more CPU is throttled, one that needs more memory is killed.
     *
     * @default `resources.limits` in the defaults of the component
     */
    limits?: Quantities;
}

/** Requests and limits of a component that were not given. */
export interface DefaultResources {
    requests: Record<keyof Quantities, string>;
    limits: Record<keyof Quantities, string>;
}

/** Resources whose quantities are known. */
export type KnownResources = pulumi.Unwrap<ResourcesArgs>;

/** Requests and limits of a container. */
export function buildResources(
    { requests, limits }: KnownResources = {},
    defaults: DefaultResources,
): DefaultResources {
    return {
        requests: { ...defaults.requests, ...requests },
        limits: { ...defaults.limits, ...limits },
    };
}

/** Requests and limits of a container of `component`, refused once they are known if they contradict each other. */
export function resolveResources(
    component: pulumi.ComponentResource,
    path: string,
    resources: ResourcesArgs = {},
    defaults: DefaultResources,
): pulumi.Output<DefaultResources> {
    const checked = checkInput<ResourcesArgs>(component, resources, (known) =>
        findResourceProblems(path, known, defaults),
    );
    return pulumi.output(checked).apply((known) => buildResources(known, defaults));
}

const units: Record<string, number> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
};

/** The number that a Kubernetes quantity stands for; NaN when it is invalid. */
export function readQuantity(quantity: string): number {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
    return Number(digits) * (units[unit] ?? Number.NaN);
}

type Kind = keyof Quantities;

/** Refuses invalid quantities, and requests above their limit. */
export function findResourceProblems(
    path: string,
    { requests, limits }: KnownResources,
    defaults: DefaultResources,
): ArgProblem[] {
    const all = buildResources({ requests, limits }, defaults);
    return (["cpu", "memory"] as const).flatMap((kind) => [
        ...findQuantityProblems(`${path}.requests.${kind}`, kind, requests?.[kind]),
        ...findQuantityProblems(`${path}.limits.${kind}`, kind, limits?.[kind]),
        ...findOrderProblems(path, kind, all.requests[kind], all.limits[kind]),
    ]);
}

function findQuantityProblems(path: string, kind: Kind, quantity = "1"): ArgProblem[] {
    const example = kind === "cpu" ? "'250m' or '0.25'" : "'256Mi'";
    return readQuantity(quantity) > 0
        ? []
        : [{ path, reason: `must be a quantity such as ${example}, got '${quantity}'` }];
}

function findOrderProblems(path: string, kind: Kind, request: string, limit: string): ArgProblem[] {
    const reason = `must not be above ${path}.limits.${kind} ('${limit}'), got '${request}'`;
    return readQuantity(request) > readQuantity(limit)
        ? [{ path: `${path}.requests.${kind}`, reason }]
        : [];
}
