import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Node drains evict one pod at a time. `maxUnavailable`, because `minAvailable: 1` would block the drain of a single pod.
 * Pods that are not ready never block a drain.
 */
export function buildDisruptionSpec(
    matchLabels: Record<string, string>,
): k8s.types.input.policy.v1.PodDisruptionBudgetSpec {
    return {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels },
    };
}

/** Spreads pods over zones and nodes where possible, counted per revision so that a rollout spreads too. */
export function buildSpread(
    matchLabels: Record<string, string>,
): k8s.types.input.core.v1.TopologySpreadConstraint[] {
    return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels },
        matchLabelKeys: ["pod-template-hash"],
    }));
}

/** Rolling update that starts one new pod before it stops an old one. */
export const rollingUpdate: k8s.types.input.apps.v1.DeploymentStrategy = {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
};

/**
 * How long Pulumi waits for a Deployment whose pods may take `graceSeconds` to stop, as the deletion ends only with the
 * last pod; Pulumi's own limit is ten minutes at most. An update waits for old pods where they stop first.
 */
export function allowTermination(
    graceSeconds: number,
    { stopsFirst = false } = {},
): pulumi.CustomTimeouts {
    const start = 600;
    return {
        delete: `${Math.max(start, graceSeconds + 120)}s`,
        ...(stopsFirst ? { update: `${start + graceSeconds}s` } : {}),
    };
}
