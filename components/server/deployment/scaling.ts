import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { serverDefaults } from "../defaults.ts";
import type { ReplicaRange, ScalingArgs } from "./settings.ts";

/** An autoscaler with CPU and memory targets; it follows the one that requires more pods. */
export function buildScalingSpec(
    deployment: pulumi.Input<string>,
    { min, max }: ReplicaRange,
    scaling: ScalingArgs = {},
): k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
    const { cpuPercent, memoryPercent, scaleDownSeconds } = {
        ...serverDefaults.scaling,
        ...scaling,
    };
    return {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
        minReplicas: min,
        maxReplicas: max,
        metrics: [buildMetric("cpu", cpuPercent), buildMetric("memory", memoryPercent)],
        behavior: { scaleDown: { stabilizationWindowSeconds: scaleDownSeconds } },
    };
}

function buildMetric(name: string, averageUtilization: number) {
    return {
        type: "Resource",
        resource: { name, target: { type: "Utilization", averageUtilization } },
    };
}
