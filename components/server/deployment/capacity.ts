import * as pulumi from "@pulumi/pulumi";

import {
    buildResources,
    type DefaultResources,
    type KnownResources,
    type ResourcesArgs,
} from "../../pods/resources.ts";
import { checkInput } from "../../problems/inputs.ts";
import { serverDefaults } from "../defaults.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import { findCapacityProblems } from "./capacityRules.ts";
import { hasProcessPool, limitProcesses } from "./memory.ts";
import { defaultReplicas } from "./replicas.ts";
import type { ReplicaRange, ScalingArgs, Transport } from "./settings.ts";

/** Arguments that decide how many pods run and how large they are; rules check them together, once all are known. */
export interface CapacityArgs {
    replicas?: ReplicaRange;
    scaling?: ScalingArgs;
    resources?: ResourcesArgs;
}

/** The same arguments, known. */
export interface KnownCapacity {
    replicas?: pulumi.Unwrap<ReplicaRange>;
    scaling?: pulumi.Unwrap<ScalingArgs>;
    resources?: KnownResources;
}

/** Number and size of the pods, with all defaults. */
export interface Capacity {
    replicas: pulumi.Output<pulumi.Unwrap<ReplicaRange>>;
    scaling: pulumi.Output<Required<pulumi.Unwrap<ScalingArgs>>>;
    resources: pulumi.Output<DefaultResources>;
    /** Most concurrent processes of a stdio server; undefined where there is one by definition. */
    maxProcesses: pulumi.Output<number | undefined> | undefined;
}

/** Number and size of the pods of `component`, refused once they are known if they contradict each other. */
export function resolveCapacity(
    component: pulumi.ComponentResource,
    { replicas, scaling, resources, ...args }: ServerDeploymentArgs,
    transport: Transport,
): Capacity {
    const server = { ...args, transport };
    const given = { replicas, scaling, resources };
    const checked = checkInput<CapacityArgs>(component, given, (known) =>
        findCapacityProblems({ ...server, ...known }),
    );
    const known: pulumi.Output<KnownCapacity> = pulumi.output(checked);
    return {
        replicas: known.apply((capacity) => capacity.replicas ?? defaultReplicas(server)),
        scaling: known.apply((capacity) => ({ ...serverDefaults.scaling, ...capacity.scaling })),
        resources: known.apply((capacity) =>
            buildResources(capacity.resources, serverDefaults.resources),
        ),
        maxProcesses: hasProcessPool(server)
            ? known.apply((capacity) => limitProcesses({ ...server, ...capacity }))
            : undefined,
    };
}
