import { conditionOf, objectsOf } from "../../../readiness/conditions.ts";
import type { Evidence } from "../../../readiness/podProblems.ts";
import { isValues, objectOf, textOf } from "../../protocol/values.ts";
import type { Values } from "../../protocol/values.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kind.ts";
import { namesOf } from "../manifest.ts";
import { listObjects } from "../objects.ts";

const pod = { apiVersion: "v1", kind: "Pod" };
const event = { apiVersion: "v1", kind: "Event" };
const node = { apiVersion: "v1", kind: "Node" };
const replicaSet = { apiVersion: "apps/v1", kind: "ReplicaSet" };
const makers = ["Deployment", "StatefulSet", "DaemonSet"].map((kind) => ({
    apiVersion: "apps/v1",
    kind,
}));

/** Maximum number of pods whose events are read, one request each; the other pods have the same problems. */
const readPods = 5;

/** Fetches the objects that may explain why an object waits for its pods. */
export async function fetchEvidence(
    cluster: Cluster,
    kind: Kind,
    object: Values,
): Promise<Evidence> {
    const { namespace } = namesOf(object);
    const labelSelector = selectorOf(kind, object);
    const hasSets = labelSelector !== undefined && /^(Deployment|Service)$/.test(kind.kind);
    const pods = await listPods(cluster, kind, object);
    const unready = pods.filter((one) => conditionOf(one, "Ready")?.status !== "True");
    const unscheduled = pods.some((one) => conditionOf(one, "PodScheduled")?.status === "False");
    return {
        owners: kind.kind === "Service" ? await listOwners(cluster, object) : [object],
        replicaSets: hasSets
            ? await listObjects(cluster, replicaSet, namespace, { labelSelector })
            : [],
        pods,
        events: await listEvents(cluster, unready.slice(0, readPods)),
        // The caller may not be allowed to list nodes.
        nodes: unscheduled ? await listObjects(cluster, node, "", {}).catch(() => []) : [],
        logs: await readLogs(cluster, unready.slice(0, readPods)),
    };
}

/** Last lines of the first container of each pod, by its name. */
export async function readLogs(
    cluster: Cluster,
    pods: readonly Values[],
): Promise<Record<string, string>> {
    const read = pods.map(async (one) => {
        const { namespace, name } = namesOf(one);
        const [first] = objectsOf(objectOf(one, "spec"), "containers");
        const container = textOf(first ?? {}, "name") ?? "";
        const log = (previous: boolean) =>
            cluster
                .readText(`/api/v1/namespaces/${namespace}/pods/${name}/log`, {
                    container,
                    previous: String(previous),
                    tailLines: "5",
                })
                .catch(() => "");
        // A container that waits for its next start has no log yet.
        return [name, (await log(false)) || (await log(true))] as const;
    });
    return Object.fromEntries(await Promise.all(read));
}

/** The Deployments and other controllers whose pods a Service selects. */
export async function listOwners(cluster: Cluster, service: Values): Promise<Values[]> {
    const selector = objectOf(objectOf(service, "spec"), "selector");
    const { namespace } = namesOf(service);
    const listed = await Promise.all(
        makers.map(async (kind) => {
            const items = await listObjects(cluster, kind, namespace, {});
            // Items of a list lack `kind` and `apiVersion`.
            return items.map((item) => ({ ...kind, ...item }));
        }),
    );
    return listed.flat().filter((owner) => {
        const template = objectOf(objectOf(objectOf(owner, "spec"), "template"), "metadata");
        const labels = objectOf(template, "labels");
        return Object.entries(selector).every(([key, value]) => labels[key] === value);
    });
}

/** The pods that a Deployment, Job, Service … selects, or the pod itself. */
export async function listPods(cluster: Cluster, kind: Kind, object: Values): Promise<Values[]> {
    if (kind.kind === "Pod") return [object];
    const labelSelector = selectorOf(kind, object);
    if (labelSelector === undefined) return [];
    return listObjects(cluster, pod, namesOf(object).namespace, { labelSelector });
}

function selectorOf({ kind }: Kind, object: Values): string | undefined {
    const { selector } = objectOf(object, "spec");
    const labels = kind === "Service" ? selector : isValues(selector) && selector.matchLabels;
    const names = isValues(labels) ? Object.keys(labels) : [];
    if (!isValues(labels) || names.length === 0) return undefined;
    return names.map((name) => `${name}=${textOf(labels, name)}`).join(",");
}

async function listEvents(cluster: Cluster, pods: readonly Values[]): Promise<Values[]> {
    const listed = await Promise.all(
        pods.map((one) => {
            const uid = textOf(objectOf(one, "metadata"), "uid") ?? "";
            const fieldSelector = `involvedObject.uid=${uid}`;
            return listObjects(cluster, event, namesOf(one).namespace, { fieldSelector });
        }),
    );
    return listed.flat();
}
