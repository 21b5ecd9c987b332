import type * as k8s from "@pulumi/kubernetes";

/**
 * One pod at a time may be taken for a drain. Counted as unavailable, not as available: `minAvailable: 1` would make a
 * single pod impossible to drain. Pods that are not ready never hold a node back.
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
