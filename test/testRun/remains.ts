import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import Docker from "dockerode";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { containerdSocket } from "../../local/cluster/addresses.ts";
import { ensureNode } from "../../local/cluster/node.ts";
import { waitFor } from "../../local/cluster/run.ts";
import { registryAddress } from "../../local/mirror/registry.ts";
import { paths } from "../../local/paths.ts";
import { findControlGroups, removeControlGroups } from "../local/controlGroups.ts";
import { clusterKinds } from "./clusterKinds.ts";
import { connectAdmin } from "./keycloakAdmin.ts";
import { listRunRules, removeRule } from "./packetRules.ts";
import { deleteTag, listTags } from "./registryTags.ts";
import { findRunName, listDeadRuns, listLocks, removeLocks, runsDirectory } from "./testRun.ts";

/** A kind of object that has the name of its test run. */
interface Kind {
    /** Names of all objects of test runs. */
    list: () => Promise<string[]>;
    /** Removes the objects with these names, and waits until they are gone. */
    remove: (names: string[]) => Promise<void>;
}

const imagePrefix = `${registryAddress}/`;

/** Directory of the registry's repositories, including those without images. */
const repositories = join(paths.platform, "registry/docker/registry/v2/repositories");

/** In the order of removal: users before the things they use. */
const kinds: Record<string, Kind> = {
    namespace: {
        list: async () => {
            const { items } = await core().listNamespace();
            return items.map(({ metadata }) => metadata?.name ?? "").filter(isOfRun);
        },
        remove: async (names) => {
            for (const name of names) {
                await core().deleteNamespace({ name });
                // These servers have no callers any more, so nothing needs to be drained.
                const now = { namespace: name, gracePeriodSeconds: 1 };
                await core().deleteCollectionNamespacedPod(now);
            }
            await waitFor(`the end of namespaces ${names.join(", ")}`, 300, async () => {
                const left = await kinds["namespace"]!.list();
                return !names.some((name) => left.includes(name));
            });
        },
    },
    ...clusterKinds,
    realm: {
        list: async () => {
            const realms = await (await connectAdmin()).realms.find({ briefRepresentation: true });
            return realms.map(({ realm }) => realm ?? "").filter(isOfRun);
        },
        remove: async (names) => {
            const admin = await connectAdmin();
            for (const realm of names) await admin.realms.del({ realm });
        },
    },
    image: {
        list: async () =>
            (await listTags(isOfRun)).map(({ repository, tag }) => `${repository}:${tag}`),
        remove: async (names) => {
            const tags = await listTags(isOfRun);
            for (const one of tags) {
                if (names.includes(`${one.repository}:${one.tag}`)) await deleteTag(one);
            }
        },
    },
    repository: {
        list: async () => (await readdir(repositories).catch(() => [])).filter(isOfRun),
        remove: async (names) => {
            for (const name of names) await rm(join(repositories, name), { recursive: true });
        },
    },
    "image of the engine": {
        list: async () => {
            const images = await new Docker().listImages();
            // An image whose tag has moved to another image has its digest only.
            const names = images.flatMap(({ RepoTags, RepoDigests }) => [
                ...(RepoTags ?? []),
                ...(RepoDigests ?? []),
            ]);
            return names.flatMap((name) => (isOfRun(withoutRegistry(name)) ? [name] : []));
        },
        remove: async (names) => {
            for (const name of names) await removeImage(name);
        },
    },
    "image of the node": {
        list: async () => {
            const names = (await containerd("images", "list", "--quiet")).trim().split("\n");
            return names.filter((name) => isOfRun(withoutRegistry(name)));
        },
        remove: async (names) => {
            await containerd("images", "remove", ...names);
        },
    },
    "control group": {
        list: async () => (await findControlGroups()).filter(isOfRun),
        remove: async (names) => {
            for (const name of names) await removeControlGroups(name);
        },
    },
    "packet rule": {
        list: async () =>
            (await listRunRules()).map(({ run, rule }) => `${run}: ${rule.join(" ")}`),
        remove: async (names) => {
            const runs = runsOf(names);
            for (const one of await listRunRules()) if (runs.has(one.run)) await removeRule(one);
        },
    },
    directory: {
        list: async () => (await readdir(runsDirectory())).filter(isOfRun),
        remove: async (names) => {
            for (const name of names) await rm(join(runsDirectory(), name), { recursive: true });
        },
    },
};

/** Removing the last name of an image removes the image. */
async function removeImage(name: string): Promise<void> {
    try {
        await new Docker().getImage(name).remove({ force: true });
    } catch (error) {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    }
}

/** Remaining objects of a run, each with its kind. */
export async function listRemains(run: string): Promise<string[]> {
    const found: string[] = [];
    for (const [kind, { list }] of Object.entries(kinds)) {
        const own = (await list()).filter((name) => runsOf([name]).has(run));
        found.push(...own.map((name) => `${kind} '${name}'`));
    }
    return found;
}

/** Removes all objects of a run. Tries every kind, and throws one error for all that could not be removed. */
export function removeRemains(run: string): Promise<void> {
    return removeOf((name) => name === run);
}

/** Removes the objects of runs that ended without doing so. Returns the names of these runs. */
export async function removeDeadRuns(): Promise<string[]> {
    const names = (await Promise.all(Object.values(kinds).map(({ list }) => list()))).flat();
    const dead = await listDeadRuns([...runsOf(names), ...(await listLocks())]);
    await removeOf((name) => dead.includes(name));
    await removeLocks(dead);
    return dead;
}

async function removeOf(isWanted: (run: string) => boolean): Promise<void> {
    const problems: string[] = [];
    for (const [kind, { list, remove }] of Object.entries(kinds)) {
        try {
            const names = (await list()).filter((name) => [...runsOf([name])].some(isWanted));
            if (names.length > 0) await remove(names);
        } catch (error) {
            problems.push(`${kind}: ${(error as Error).message}`);
        }
    }
    if (problems.length > 0) {
        throw new Error(
            [
                "what the tests made could not be removed; the next 'npm test' tries again",
                ...problems,
            ].join("\n  - "),
        );
    }
}

function isOfRun(name: string): boolean {
    return findRunName(name) !== undefined;
}

function runsOf(names: string[]): Set<string> {
    return new Set(names.flatMap((name) => findRunName(withoutRegistry(name)) ?? []));
}

function withoutRegistry(name: string): string {
    return name.startsWith(imagePrefix) ? name.slice(imagePrefix.length) : name;
}

function core(): CoreV1Api {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return kubeConfig.makeApiClient(CoreV1Api);
}

/** Calls the cluster's containerd, which keeps all images that pods ever ran. */
async function containerd(...args: string[]): Promise<string> {
    if (!existsSync(containerdSocket)) return "";
    const node = await ensureNode();
    return node.enter("ctr", ["--address", containerdSocket, "--namespace", "k8s.io", ...args]);
}
