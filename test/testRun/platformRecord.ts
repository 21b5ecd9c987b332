import {
    AppsV1Api,
    AutoscalingV2Api,
    CoreV1Api,
    KubeConfig,
    NetworkingV1Api,
    PolicyV1Api,
} from "@kubernetes/client-node";
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

import { connectAdmin } from "./keycloakAdmin.ts";
import { listTags } from "./registryTags.ts";
import { findRunName } from "./testRun.ts";

/** Everything deployed on the platform, with a digest of each specification. */
export type PlatformRecord = Map<string, string>;

export interface RecordOptions {
    /**
     * Selects namespaces, realms and repositories by name.
     *
     * @default all but those of test runs
     */
    covers?: (name: string) => boolean;
    /** Directory of the stacks' state, which is recorded too. */
    stacks: string;
}

/** Records everything that is deployed on the platform, for comparison with a later record. */
export async function recordPlatform(options: RecordOptions): Promise<PlatformRecord> {
    const { covers = (name) => findRunName(name) === undefined, stacks } = options;
    const parts = [
        recordObjects(covers),
        recordRealms(covers),
        recordImages(covers),
        recordStates(stacks),
    ];
    return new Map((await Promise.all(parts)).flat());
}

/** Lists what was removed, changed or added in the second record, one line each. */
export function describeChanges(before: PlatformRecord, after: PlatformRecord): string[] {
    const lines: string[] = [];
    for (const [thing, digest] of before) {
        if (!after.has(thing)) lines.push(`${thing} is gone`);
        else if (after.get(thing) !== digest) lines.push(`${thing} is changed`);
    }
    for (const thing of after.keys()) if (!before.has(thing)) lines.push(`${thing} is new`);
    return lines.sort();
}

type Entry = [thing: string, digest: string];

/** The specification of an object, without its status and its number of pods, which change by themselves. */
interface ClusterObject {
    metadata?: { name?: string; namespace?: string; uid?: string };
    spec?: object;
    data?: Record<string, string>;
}

async function recordObjects(covers: (name: string) => boolean): Promise<Entry[]> {
    const kube = new KubeConfig();
    kube.loadFromDefault();
    const core = kube.makeApiClient(CoreV1Api);
    const networking = kube.makeApiClient(NetworkingV1Api);
    const lists: Record<string, Promise<{ items: ClusterObject[] }>> = {
        Namespace: core.listNamespace(),
        Service: core.listServiceForAllNamespaces(),
        Secret: core.listSecretForAllNamespaces(),
        ConfigMap: core.listConfigMapForAllNamespaces(),
        ServiceAccount: core.listServiceAccountForAllNamespaces(),
        PersistentVolumeClaim: core.listPersistentVolumeClaimForAllNamespaces(),
        Deployment: kube.makeApiClient(AppsV1Api).listDeploymentForAllNamespaces(),
        Ingress: networking.listIngressForAllNamespaces(),
        NetworkPolicy: networking.listNetworkPolicyForAllNamespaces(),
        HorizontalPodAutoscaler: kube
            .makeApiClient(AutoscalingV2Api)
            .listHorizontalPodAutoscalerForAllNamespaces(),
        PodDisruptionBudget: kube
            .makeApiClient(PolicyV1Api)
            .listPodDisruptionBudgetForAllNamespaces(),
    };
    const entries: Entry[] = [];
    for (const [kind, list] of Object.entries(lists)) {
        for (const { metadata, spec, data } of (await list).items) {
            const { name = "", namespace, uid } = metadata ?? {};
            if (!covers(namespace ?? name)) continue;
            const asked = { uid, data, spec: { ...spec, replicas: undefined } };
            entries.push([`${kind} '${namespace ?? ""}/${name}'`, digestOf(asked)]);
        }
    }
    return entries;
}

async function recordRealms(covers: (name: string) => boolean): Promise<Entry[]> {
    const admin = await connectAdmin();
    const entries: Entry[] = [];
    for (const found of await admin.realms.find()) {
        const { realm = "" } = found;
        if (!covers(realm)) continue;
        entries.push([`realm '${realm}'`, digestOf(found)]);
        for (const client of await admin.clients.find({ realm })) {
            // Keycloak has a client in `master` for every realm.
            const ofRealm = client.clientId?.replace(/-realm$/, "") ?? "";
            if (ofRealm !== client.clientId && !covers(ofRealm)) continue;
            entries.push([`client '${realm}/${client.clientId}'`, digestOf(client)]);
        }
        for (const scope of await admin.clientScopes.find({ realm })) {
            entries.push([`client scope '${realm}/${scope.name}'`, digestOf(scope)]);
        }
    }
    return entries;
}

async function recordImages(covers: (name: string) => boolean): Promise<Entry[]> {
    const tags = await listTags(covers);
    return tags.map(({ repository, tag, digest }) => [`image '${repository}:${tag}'`, digest]);
}

/** Records the checkpoints of each stack and their history, which every operation writes. */
async function recordStates(stacks: string): Promise<Entry[]> {
    const listed = await readdir(stacks, { recursive: true, withFileTypes: true }).catch(() => []);
    const paths = listed
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(stacks, join(parentPath, name)))
        .filter((path) => path.split("/")[1] === "state" && !path.includes("/locks/"));
    return Promise.all(
        paths.map(async (path): Promise<Entry> => {
            const content = await readFile(join(stacks, path));
            return [`state '${path}'`, createHash("sha256").update(content).digest("hex")];
        }),
    );
}

/** A digest that is independent of the order of keys and items. */
function digestOf(value: unknown): string {
    const text = JSON.stringify(value, (_key, part: unknown) => {
        if (Array.isArray(part)) {
            return part.every((one) => typeof one === "string")
                ? [...part].sort()
                : (part as unknown);
        }
        if (typeof part !== "object" || part === null) return part;
        return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
    return createHash("sha256").update(text).digest("hex");
}
