import type * as k8s from "@pulumi/kubernetes";

/** A writable directory of a server: lost with the pod, or kept by a claim that exists. */
export interface VolumeArgs {
    /** Absolute path inside the container. */
    mountPath: string;
    /** Largest content of a directory that is lost with the pod, in mebibytes. */
    mebibytes?: number;
    /** Name of a PersistentVolumeClaim of the namespace whose content is kept. */
    claim?: string;
}

/** Volumes of a pod, and where its container sees them; `/tmp` is always among them, as the root is read-only. */
export function buildVolumes(volumes: VolumeArgs[]): {
    volumes: k8s.types.input.core.v1.Volume[];
    volumeMounts: k8s.types.input.core.v1.VolumeMount[];
} {
    const all = [{ mountPath: "/tmp", mebibytes: 256 } as VolumeArgs, ...volumes];
    const nameOf = (index: number) => (index === 0 ? "tmp" : `volume-${index}`);
    return {
        volumes: all.map(({ claim, mebibytes = 256 }, index) =>
            claim === undefined
                ? { name: nameOf(index), emptyDir: { sizeLimit: `${mebibytes}Mi` } }
                : { name: nameOf(index), persistentVolumeClaim: { claimName: claim } },
        ),
        volumeMounts: all.map(({ mountPath }, index) => ({ name: nameOf(index), mountPath })),
    };
}
