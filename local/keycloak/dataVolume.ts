/** Name of the claim, and of the volume it is bound to. */
export const dataClaim = "keycloak-data";

const size = "1Gi";

/**
 * Builds a persistent volume on a directory of the node, and its claim.
 *
 * Pod Security forbids hostPath volumes in pods but allows claims; the data also outlive the claim.
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
