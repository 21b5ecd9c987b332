import type * as k8s from "@pulumi/kubernetes";

/**
 * What Pod Security `restricted` asks of a pod.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function restrictedPod(runAsUser?: number): k8s.types.input.core.v1.PodSecurityContext {
    return {
        runAsNonRoot: true,
        ...(runAsUser === undefined ? {} : { runAsUser, runAsGroup: runAsUser }),
        seccompProfile: { type: "RuntimeDefault" },
    };
}

/** What Pod Security `restricted` asks of a container, plus a root file system that nothing can write to. */
export function restrictedContainer(): k8s.types.input.core.v1.SecurityContext {
    return {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
    };
}

/** Labels of a namespace that make the API server refuse every pod below `restricted`. */
export const restrictedNamespaceLabels: Record<string, string> = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
};
