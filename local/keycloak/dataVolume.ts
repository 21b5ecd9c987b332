/** Name of the claim, and of the volume it is bound to. */
export const dataClaim = "keycloak-data";

const size = "1Gi";

/**
 * A directory of the node as a volume with its claim.
 *
 * Pod Security allows a pod no directory of the node by itself, but a claim; and so the data outlive the claim too.
 */
export function buildDataVolume(namespace: string, directory: string): object[] {
    const common = {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        volumeMode: "Filesystem",
    };
    return [
        {
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name: dataClaim },
            spec: {
                ...common,
                capacity: { storage: size },
                persistentVolumeReclaimPolicy: "Retain",
                hostPath: { path: directory, type: "Directory" },
                claimRef: {
                    apiVersion: "v1",
                    kind: "PersistentVolumeClaim",
                    namespace,
                    name: dataClaim,
                },
            },
        },
        {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: dataClaim, namespace },
            spec: {
                ...common,
                volumeName: dataClaim,
                resources: { requests: { storage: size } },
            },
        },
    ];
}
