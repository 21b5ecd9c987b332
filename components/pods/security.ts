import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Pod fields that Pod Security `restricted` requires.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function restrictedPod(
    runAsUser?: pulumi.Input<number>,
): k8s.types.input.core.v1.PodSecurityContext {
    return {
        runAsNonRoot: true,
        ...(runAsUser === undefined ? {} : { runAsUser, runAsGroup: runAsUser }),
        seccompProfile: { type: "RuntimeDefault" },
    };
}

/** Container fields that Pod Security `restricted` requires, and a read-only root file system. */
export function restrictedContainer(): k8s.types.input.core.v1.SecurityContext {
    return {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
    };
}

/** Namespace labels with which the API server refuses every pod that is not `restricted`. */
export const restrictedNamespaceLabels: Record<string, string> = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
};
