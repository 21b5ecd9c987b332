import { existsSync, realpathSync } from "node:fs";
import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** Where a group of this name is in each hierarchy: one on cgroup v2, one a controller on v1. */
export async function placeControlGroups(name: string): Promise<string[]> {
    return (await listHierarchies()).map((hierarchy) => join(hierarchy, name));
}

/** Names of the groups at the top of the hierarchies. */
export async function findControlGroups(): Promise<string[]> {
    const names = await Promise.all((await listHierarchies()).map((path) => readdir(path)));
    return [...new Set(names.flat())];
}

/** Removes a group whose processes are gone, with those below it. */
export async function removeControlGroups(name: string): Promise<void> {
    for (const group of await placeControlGroups(name)) await removeTree(group);
}

async function listHierarchies(): Promise<string[]> {
    if (existsSync(join(root, "cgroup.controllers"))) return [root];
    const places = (await readdir(root)).map((name) => realpathSync(join(root, name)));
    return [...new Set(places)];
}

async function removeTree(group: string): Promise<void> {
    for (const entry of await readdir(group, { withFileTypes: true }).catch(() => [])) {
        if (entry.isDirectory()) await removeTree(join(group, entry.name));
    }
    await rmdir(group).catch(() => undefined);
}
