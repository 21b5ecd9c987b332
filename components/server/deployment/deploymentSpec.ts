import type * as k8s from "@pulumi/kubernetes";

import type { Sessions } from "./rules.ts";

/** Replaces pods without a gap, and leaves their number to the autoscaler. */
export function buildDeploymentSpec(
    labels: Record<string, string>,
    podSpec: k8s.types.input.core.v1.PodSpec,
    sessions: Sessions = "stateless",
    annotations?: Record<string, string>,
): k8s.types.input.apps.v1.DeploymentSpec {
    // Two pods at once would each know half of the sessions.
    const strategy =
        sessions === "stateful"
            ? { type: "Recreate" }
            : { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    // No `replicas`: a fixed count would undo the autoscaler on every `pulumi up`.
    return {
        selector: { matchLabels: labels },
        revisionHistoryLimit: 3,
        strategy,
        template: { metadata: { labels, annotations }, spec: podSpec },
    };
}
