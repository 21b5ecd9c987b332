import { existsSync, realpathSync } from "node:fs";
import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";

const root = "/sys/fs/cgroup";

/** Paths of a group in all hierarchies: one on cgroup v2, one per controller on v1. */
export async function placeControlGroups(name: string): Promise<string[]> {
    return (await listHierarchies()).map((hierarchy) => join(hierarchy, name));
}

/** Names of the top-level groups of all hierarchies. */
export async function findControlGroups(): Promise<string[]> {
    const names = await Promise.all((await listHierarchies()).map((path) => readdir(path)));
    return [...new Set(names.flat())];
}

/** Removes a group and its child groups, after ending processes that an interrupted run left in them. */
export async function removeControlGroups(name: string): Promise<void> {
    const groups = await placeControlGroups(name);
    await waitFor(`the end of the processes of control group '${name}'`, 60, async () => {
        const pids = new Set((await Promise.all(groups.map(listProcesses))).flat());
        for (const pid of pids) endProcess(pid);
        return pids.size === 0;
    });
    for (const group of groups) await removeTree(group);
}

/** Processes of the group itself; for a machine's group that is its first process, with which all others end. */
async function listProcesses(group: string): Promise<number[]> {
    const text = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "");
    return text.trim().split("\n").filter(Boolean).map(Number);
}

function endProcess(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        // The process has ended by itself.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
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
