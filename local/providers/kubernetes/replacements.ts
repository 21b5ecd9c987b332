import type { Kind } from "./kind.ts";

/** Fields that are immutable in every object. */
const always = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/** Mutable fields of a Pod's spec; every other change of it replaces the Pod. */
const podMutable = /^spec\.((initC|c)ontainers\.\d+\.image|activeDeadlineSeconds|tolerations)/;

/**
 * Fields whose change replaces an object of a kind, by the official provider's rules. ConfigMap and Secret could change
 * in place, but pods would not notice: a new object under a new name rolls them out.
 */
const byKind = new Map<string, readonly string[]>([
    ["v1/ConfigMap", ["data", "binaryData", "immutable"]],
    ["v1/Secret", ["data", "stringData", "type", "immutable"]],
    ["v1/Service", ["spec.clusterIP", "spec.clusterIPs", "spec.type"]],
    ["v1/PersistentVolumeClaim", ["spec"]],
    ["v1/ResourceQuota", ["spec.scopes"]],
    ["apps/v1/Deployment", ["spec.selector"]],
    ["apps/v1/ReplicaSet", ["spec.selector"]],
    ["apps/v1/DaemonSet", ["spec.selector"]],
    [
        "apps/v1/StatefulSet",
        [
            "spec.selector",
            "spec.serviceName",
            "spec.podManagementPolicy",
            "spec.volumeClaimTemplates",
        ],
    ],
    ["batch/v1/Job", ["spec.selector", "spec.template", "spec.completionMode"]],
    ["rbac.authorization.k8s.io/v1/RoleBinding", ["roleRef"]],
    ["rbac.authorization.k8s.io/v1/ClusterRoleBinding", ["roleRef"]],
    [
        "storage.k8s.io/v1/StorageClass",
        ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
    ],
    ["policy/v1/PodDisruptionBudget", ["spec.selector"]],
]);

/** Returns a predicate: whether a change at a path (keys and indexes) replaces an object of the kind. */
export function replacesFor({ apiVersion, kind }: Kind) {
    const key = `${apiVersion}/${kind}`;
    const prefixes = [...always, ...(byKind.get(key) ?? [])];
    return (path: readonly (string | number)[]): boolean => {
        const text = path.join(".");
        if (key === "v1/Pod" && text.startsWith("spec.")) return !podMutable.test(text);
        return prefixes.some((prefix) => text === prefix || text.startsWith(`${prefix}.`));
    };
}
