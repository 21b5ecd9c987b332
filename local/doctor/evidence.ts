import { Cluster } from "../providers/kubernetes/cluster.ts";
import { listObjects } from "../providers/kubernetes/objects.ts";
import { readLogs } from "../providers/kubernetes/ready/evidence.ts";
import type { Values } from "../providers/protocol/values.ts";
import { conditionOf } from "../readiness/conditions.ts";
import type { Evidence } from "../readiness/podProblems.ts";
import type { Patient } from "./patient.ts";

/** Everything that a namespace tells of its servers, read at one time. */
export interface NamespaceEvidence extends Evidence {
    autoscalers: readonly Values[];
}

const kinds = {
    owners: { apiVersion: "apps/v1", kind: "Deployment" },
    replicaSets: { apiVersion: "apps/v1", kind: "ReplicaSet" },
    pods: { apiVersion: "v1", kind: "Pod" },
    events: { apiVersion: "v1", kind: "Event" },
    autoscalers: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
} as const;

/** Most pods whose logs are read. */
const readPods = 3;

/** Reads the namespace of a stack. */
export async function gatherEvidence(
    patient: Pick<Patient, "kube" | "namespace">,
): Promise<NamespaceEvidence> {
    const { kube, namespace } = patient;
    const cluster = new Cluster({ kubeconfig: `${kube.exportConfig()}\n` });
    const list = (kind: keyof typeof kinds) => listObjects(cluster, kinds[kind], namespace, {});
    const [owners, replicaSets, pods, events, autoscalers, nodes] = await Promise.all([
        list("owners"),
        list("replicaSets"),
        list("pods"),
        list("events"),
        list("autoscalers"),
        listObjects(cluster, { apiVersion: "v1", kind: "Node" }, "", {}).catch(() => []),
    ]);
    return {
        // Items of a list lack `kind`.
        owners: owners.map((owner) => ({ ...owner, ...kinds.owners })),
        replicaSets,
        pods,
        events,
        nodes,
        autoscalers,
        logs: await readLogs(cluster, pods.filter((pod) => !isReady(pod)).slice(0, readPods)),
    };
}

function isReady(pod: Values): boolean {
    return conditionOf(pod, "Ready")?.status === "True";
}
