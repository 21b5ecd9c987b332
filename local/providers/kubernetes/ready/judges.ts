import { objectOf, textOf } from "../../protocol/values.ts";
import type { Values } from "../../protocol/values.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { namesOf } from "../manifest.ts";
import { getObject, listObjects } from "../objects.ts";
import { conditionOf, objectsOf } from "./conditions.ts";
import { ready, waiting } from "./readiness.ts";
import type { Judge, Readiness } from "./readiness.ts";
import {
    judgeDaemonSet,
    judgeDeployment,
    judgeJob,
    judgePod,
    judgeStatefulSet,
} from "./workloads.ts";

const judges = new Map<string, Judge>([
    ["apps/v1/Deployment", (_cluster, object) => judgeDeployment(object)],
    ["apps/v1/StatefulSet", (_cluster, object) => judgeStatefulSet(object)],
    ["apps/v1/DaemonSet", (_cluster, object) => judgeDaemonSet(object)],
    ["batch/v1/Job", (_cluster, object) => judgeJob(object)],
    ["v1/Pod", (_cluster, object) => judgePod(object)],
    ["v1/Namespace", (_cluster, object) => judgeNamespace(object)],
    ["v1/Service", judgeService],
    ["v1/PersistentVolumeClaim", judgeClaim],
    ["networking.k8s.io/v1/Ingress", (_cluster, object) => judgeAddress(object)],
    [
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        (_cluster, object) => judgeDefinition(object),
    ],
]);

/** How objects of a kind are judged; undefined when they are ready as soon as they exist. */
export function judgeFor({ apiVersion, kind }: Kind): Judge | undefined {
    return judges.get(`${apiVersion}/${kind}`);
}

function judgeNamespace(object: Values): Readiness {
    const phase = textOf(objectOf(object, "status"), "phase");
    return phase === "Active" ? ready : waiting(`the namespace is in phase ${phase ?? "unknown"}`);
}

/** Ready when a ready pod stands behind it; one without a selector, or headless, promises no such thing. */
async function judgeService(cluster: Cluster, object: Values): Promise<Readiness> {
    const spec = objectOf(object, "spec");
    if (spec.type === "LoadBalancer" && judgeAddress(object) !== ready) return judgeAddress(object);
    const selects = Object.keys(objectOf(spec, "selector")).length > 0;
    if (!selects || spec.type === "ExternalName" || spec.clusterIP === "None") return ready;
    const { namespace, name } = namesOf(object);
    const kind = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const slices = await listObjects(cluster, kind, namespace, { labelSelector });
    const endpoints = slices.flatMap((slice) => objectsOf(slice, "endpoints"));
    const usable = endpoints.some((endpoint) => objectOf(endpoint, "conditions").ready !== false);
    return usable ? ready : waiting("no pod behind the service is ready");
}

function judgeAddress(object: Values): Readiness {
    const balancer = objectOf(objectOf(object, "status"), "loadBalancer");
    return objectsOf(balancer, "ingress").length > 0 ? ready : waiting("no address is assigned");
}

/** Ready when bound; a claim that is bound only when a pod comes is ready at once. */
async function judgeClaim(cluster: Cluster, object: Values): Promise<Readiness> {
    const phase = textOf(objectOf(object, "status"), "phase");
    if (phase === "Bound") return ready;
    const name = textOf(objectOf(object, "spec"), "storageClassName");
    const kind = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" };
    const storageClass =
        name === undefined ? undefined : await getObject(cluster, kind, { namespace: "", name });
    if (storageClass?.volumeBindingMode === "WaitForFirstConsumer") return ready;
    return waiting(`the claim is in phase ${phase ?? "unknown"}`);
}

function judgeDefinition(object: Values): Readiness {
    const established = conditionOf(object, "Established");
    if (established?.status === "True") return ready;
    return waiting(established?.message ?? "the definition is not established");
}
