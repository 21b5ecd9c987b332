import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig } from "@kubernetes/client-node";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { testRun } from "../testRun/testRun.ts";
import { devEntry } from "./devEntry.ts";

const claim = "tasks";

/** The dev stack's task orchestrator once more, with its tasks on a claim, as an entry of a stack. */
export async function keptTasks() {
    const volumes = [{ mountPath: "/data", claim }];
    return { ...(await devEntry("task-orchestrator")), name: "kept-tasks", volumes };
}

/** Makes a claim of the test stack's namespace, and a directory of this machine as its volume; resolves to its removal. */
export async function makeClaim(kube: KubeConfig): Promise<() => Promise<void>> {
    const { name, directory } = testRun();
    const api = kube.makeApiClient(CoreV1Api);
    const path = join(directory, claim);
    await mkdir(path);
    // Kubernetes gives such a volume to no group, and the pod's user is not root.
    await chmod(path, 0o777);
    const capacity = { storage: "64Mi" };
    const shape = { accessModes: ["ReadWriteOnce"], storageClassName: "" };
    const claimRef = { namespace: name, name: claim };
    await api.createPersistentVolume({
        body: { metadata: { name }, spec: { ...shape, capacity, claimRef, hostPath: { path } } },
    });
    await api.createNamespacedPersistentVolumeClaim({
        namespace: name,
        body: {
            metadata: { name: claim },
            spec: { ...shape, volumeName: name, resources: { requests: capacity } },
        },
    });
    // It goes as soon as the claim does, with the namespace.
    return async () => void (await api.deletePersistentVolume({ name }));
}
