import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A taint of nodes that pods tolerate. */
export interface Toleration {
    /**
     * Key of the taint.
     *
     * @default every taint, with the operator `Exists`
     */
    key?: pulumi.Input<string>;
    /**
     * `Equal` compares the value, `Exists` does not.
     *
     * @default `Equal`, as in Kubernetes
     */
    operator?: pulumi.Input<string>;
    /**
     * Value of the taint.
     *
     * @default none
     */
    value?: pulumi.Input<string>;
    /**
     * `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
     *
     * @default every effect
     */
    effect?: pulumi.Input<string>;
    /**
     * Seconds for which a pod stays on a node that gets the taint, with the effect `NoExecute`.
     *
     * @default for ever
     */
    tolerationSeconds?: pulumi.Input<number>;
}

/** Nodes on which pods may run, and their rank there. */
export interface SchedulingArgs {
    /**
     * Labels of the nodes, all of them.
     *
     * @default every node
     */
    nodeSelector?: Record<string, pulumi.Input<string>>;
    /**
     * Taints that the pods tolerate.
     *
     * @default none
     */
    tolerations?: Toleration[];
    /**
     * Further rules for the choice of a node, as Kubernetes has them in a pod's `affinity`.
     *
     * @default none; pods are spread over zones and nodes where possible
     */
    affinity?: pulumi.Input<k8s.types.input.core.v1.Affinity>;
    /**
     * Class that decides which pods run when there is too little room for all.
     *
     * @default the default class of the cluster
     */
    priorityClassName?: pulumi.Input<string>;
}

/** Fields of a pod that choose its node, and its rank there. */
export function buildScheduling({
    nodeSelector,
    tolerations,
    affinity,
    priorityClassName,
}: SchedulingArgs): Pick<k8s.types.input.core.v1.PodSpec, keyof SchedulingArgs> {
    return { nodeSelector, tolerations, affinity, priorityClassName };
}
