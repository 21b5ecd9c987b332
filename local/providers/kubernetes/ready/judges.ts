import { conditionOf, objectsOf } from "../../../readiness/conditions.ts";
import { failed, ready, waiting } from "../../../readiness/readiness.ts";
import type { Readiness } from "../../../readiness/readiness.ts";
import {
    judgeDaemonSet,
    judgeDeployment,
    judgeJob,
    judgePod,
    judgeStatefulSet,
} from "../../../readiness/workloads.ts";
import { objectOf, textOf } from "../../protocol/values.ts";
import type { Values } from "../../protocol/values.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { namesOf } from "../manifest.ts";
import { getObject, listObjects } from "../objects.ts";
import { listOwners, listPods } from "./evidence.ts";

/** Context of a judgement besides the object. */
export interface Surroundings {
    cluster: Cluster;
    /** Aborted when another resource of the update failed: no further objects will be created. */
    othersFailed?: AbortSignal;
}

/** Judges the readiness of a live object of one kind. */
export type Judge = (around: Surroundings, object: Values) => Readiness | Promise<Readiness>;

const judges = new Map<string, Judge>([
    ["apps/v1/Deployment", (_around, object) => judgeDeployment(object)],
    ["apps/v1/StatefulSet", (_around, object) => judgeStatefulSet(object)],
    ["apps/v1/DaemonSet", (_around, object) => judgeDaemonSet(object)],
    ["batch/v1/Job", (_around, object) => judgeJob(object)],
    ["v1/Pod", (_around, object) => judgePod(object)],
    ["v1/Namespace", (_around, object) => judgeNamespace(object)],
    ["v1/Service", judgeService],
    ["v1/PersistentVolumeClaim", judgeClaim],
    ["networking.k8s.io/v1/Ingress", (_around, object) => judgeAddress(object)],
    [
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        (_around, object) => judgeDefinition(object),
    ],
]);

/** The judge of a kind; undefined when its objects are ready as soon as they exist. */
export function judgeFor({ apiVersion, kind }: Kind): Judge | undefined {
    return judges.get(`${apiVersion}/${kind}`);
}

function judgeNamespace(object: Values): Readiness {
    const phase = textOf(objectOf(object, "status"), "phase");
    return phase === "Active" ? ready : waiting(`the namespace is in phase ${phase ?? "unknown"}`);
}

/** Ready when it has a ready pod. A Service that is headless or has no selector is ready at once. */
async function judgeService(around: Surroundings, object: Values): Promise<Readiness> {
    const spec = objectOf(object, "spec");
    if (spec.type === "LoadBalancer" && judgeAddress(object) !== ready) return judgeAddress(object);
    const selects = Object.keys(objectOf(spec, "selector")).length > 0;
    if (!selects || spec.type === "ExternalName" || spec.clusterIP === "None") return ready;
    const { namespace, name } = namesOf(object);
    const kind = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const slices = await listObjects(around.cluster, kind, namespace, { labelSelector });
    const endpoints = slices.flatMap((slice) => objectsOf(slice, "endpoints"));
    const usable = endpoints.some((endpoint) => objectOf(endpoint, "conditions").ready !== false);
    return usable ? ready : judgeUnused(around, object);
}

/** Judges a Service without a ready pod: after a failure in the update its pods may never be created. */
async function judgeUnused(
    { cluster, othersFailed }: Surroundings,
    object: Values,
): Promise<Readiness> {
    const reason = "no pod behind the service is ready";
    if (othersFailed?.aborted !== true) return waiting(reason);
    const owners = await listOwners(cluster, object);
    const refused = owners.filter((owner) => cluster.isGivenUp(owner));
    if (refused.length < owners.length) return waiting(reason);
    const [first] = refused;
    if (first !== undefined) {
        const { name } = namesOf(first);
        return failed(`${reason}: ${textOf(first, "kind")} '${name}', which makes them, failed`);
    }
    const pods = await listPods(cluster, { apiVersion: "v1", kind: "Service" }, object);
    if (pods.length > 0) return waiting(reason);
    return failed(
        "no Deployment creates pods for its selector, and none will: another resource failed",
    );
}

function judgeAddress(object: Values): Readiness {
    const balancer = objectOf(objectOf(object, "status"), "loadBalancer");
    return objectsOf(balancer, "ingress").length > 0 ? ready : waiting("no address is assigned");
}

/** Ready when bound; a claim with `WaitForFirstConsumer` is ready at once. */
async function judgeClaim({ cluster }: Surroundings, object: Values): Promise<Readiness> {
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
