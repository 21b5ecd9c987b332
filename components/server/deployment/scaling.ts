import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Bounds of the autoscaler. */
export interface ReplicaRange {
    /** Pods that always run, at least one. */
    min: number;
    /** Pods that run at most. */
    max: number;
}

/** What the autoscaler steers by. */
export interface ScalingArgs {
    /**
     * Mean CPU use, in percent of the request.
     *
     * @default 70
     */
    cpuPercent?: number;
    /**
     * Mean memory use, in percent of the request.
     *
     * @default 80
     */
    memoryPercent?: number;
    /** Calls in flight per pod; refused for now, as nothing in this version measures them. */
    ongoingRequests?: number;
    /**
     * How long load must stay low before pods are taken away, in seconds.
     *
     * @default 300, as Kubernetes has it
     */
    scaleDownSeconds?: number;
}

/** Replicas where nothing is asked for. */
export const defaultReplicas: ReplicaRange = { min: 1, max: 3 };

/** An autoscaler that follows whichever of CPU and memory asks for more pods. */
export function buildScalingSpec(
    deployment: pulumi.Input<string>,
    { min, max }: ReplicaRange,
    { cpuPercent = 70, memoryPercent = 80, scaleDownSeconds = 300 }: ScalingArgs = {},
): k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
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
