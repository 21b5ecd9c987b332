import * as z from "zod";

import type { DefaultResources } from "../components/pods/resources.ts";
import { optional } from "./keys.ts";

const quantities = (defaults: DefaultResources["requests"]) =>
    z.strictObject({
        cpu: optional(z.string(), "CPU quantity", { default: defaults.cpu, example: "500m" }),
        memory: optional(z.string(), "Memory quantity", {
            default: defaults.memory,
            example: "1Gi",
        }),
    });

/** `resources` of a component with these defaults. */
export function resourcesKey(defaults: DefaultResources) {
    const resources = z.strictObject({
        requests: optional(
            quantities(defaults.requests),
            "Reserved for every pod; an autoscaler measures against it",
            { default: defaults.requests, example: { cpu: "500m" } },
        ),
        limits: optional(
            quantities(defaults.limits),
            "Upper bound: more CPU is throttled, more memory ends the pod",
            { default: defaults.limits, example: { memory: "1Gi" } },
        ),
    });
    return optional(resources, "CPU and memory of each pod", {
        default: defaults,
        example: { limits: { memory: "1Gi" } },
    });
}

const toleration = z.strictObject({
    key: optional(z.string(), "Key of the taint", {
        absent: "every taint, with the operator `Exists`",
        example: "dedicated",
    }),
    operator: optional(z.enum(["Equal", "Exists"]), "Whether the value is compared", {
        default: "Equal",
        example: "Exists",
    }),
    value: optional(z.string(), "Value of the taint", { absent: "none", example: "mcp" }),
    effect: optional(
        z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
        "Effect of the taint",
        { absent: "every effect", example: "NoSchedule" },
    ),
    tolerationSeconds: optional(
        z.int(),
        "Seconds for which a pod stays on a node that gets the taint, with the effect `NoExecute`",
        { absent: "for ever", example: 300 },
    ),
});

/** Keys that choose the nodes of pods. */
export const schedulingKeys = {
    nodeSelector: optional(z.record(z.string(), z.string()), "Labels of the nodes for the pods", {
        absent: "every node",
        example: { "kubernetes.io/arch": "arm64" },
    }),
    tolerations: optional(z.array(toleration), "Taints of nodes that the pods tolerate", {
        default: [],
        example: [{ key: "dedicated", value: "mcp", effect: "NoSchedule" }],
    }),
    affinity: optional(
        z.record(z.string(), z.json()),
        "Further rules for the choice of nodes, as `affinity` of a pod in Kubernetes",
        {
            absent: "pods are spread over zones and nodes where possible",
            example: { podAntiAffinity: {} },
        },
    ),
    priorityClassName: optional(z.string(), "Priority class of the pods", {
        absent: "that of the cluster",
        example: "system-cluster-critical",
    }),
};
