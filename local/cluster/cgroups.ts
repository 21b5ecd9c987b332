import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** Name of the control group, in every hierarchy, that holds all of the platform's containers. */
export const cgroup = "slipway";

/** The mount points of all hierarchies: one on cgroup v2, one a controller on v1. */
async function listHierarchies(): Promise<string[]> {
    if (existsSync(join(root, "cgroup.controllers"))) return [root];
    const names = await readdir(root);
    return names.map((name) => join(root, name)).filter((path) => existsSync(join(path, "tasks")));
}

/** Makes the control group in every hierarchy; the kubelet refuses to start without it. */
export async function makeCgroups(): Promise<void> {
    for (const hierarchy of await listHierarchies()) {
        const group = join(hierarchy, cgroup);
        await mkdir(group, { recursive: true });
        // A new cpuset of v1 has no processor and no memory, and nothing can be put into it.
        for (const file of ["cpuset.cpus", "cpuset.mems"]) {
            if (hierarchy === root || !existsSync(join(group, file))) continue;
            await writeFile(join(group, file), await readFile(join(hierarchy, file)));
        }
    }
}

/** Removes the control group with all below it; its processes must have ended. */
export async function removeCgroups(): Promise<void> {
    for (const hierarchy of await listHierarchies()) await removeTree(join(hierarchy, cgroup));
    if (existsSync(join(root, "unified"))) await removeTree(join(root, "unified", cgroup));
}

async function removeTree(group: string): Promise<void> {
    if (!existsSync(group)) return;
    for (const entry of await readdir(group, { withFileTypes: true })) {
        if (entry.isDirectory()) await removeTree(join(group, entry.name));
    }
    await rmdir(group);
}
