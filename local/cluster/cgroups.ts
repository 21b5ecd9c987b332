import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { waitFor } from "./run.ts";

const root = "/sys/fs/cgroup";

/** Control group of the whole platform, in every hierarchy. */
export const cgroup = "slipway";

/** Child group of the daemons: on cgroup v2 a group with child groups must not contain processes. */
const daemons = join(cgroup, "node");

/** Creates the control groups in every hierarchy. Returns their `cgroup.procs` files. */
export async function makeCgroups(): Promise<string[]> {
    const hierarchies = await listHierarchies();
    for (const hierarchy of hierarchies) {
        await passControllersOn(hierarchy);
        for (const group of [cgroup, daemons]) await makeGroup(hierarchy, group);
    }
    return hierarchies.map((hierarchy) => join(hierarchy, daemons, "cgroup.procs"));
}

/** Kills all processes in the control groups, waits until they have ended, and removes the groups. */
export async function removeCgroups(): Promise<void> {
    const groups = (await listHierarchies()).map((hierarchy) => join(hierarchy, cgroup));
    await waitFor("the end of the platform's processes", 60, async () => {
        const processes = (await Promise.all(groups.map(listProcesses))).flat();
        for (const pid of new Set(processes)) kill(pid);
        return processes.length === 0;
    });
    await waitFor("the end of the platform's control groups", 60, async () => {
        for (const group of groups) await removeTree(group);
        return true;
    });
}

/** Mount points of all hierarchies: one on cgroup v2, one per controller on v1. */
async function listHierarchies(): Promise<string[]> {
    if (existsSync(join(root, "cgroup.controllers"))) return [root];
    const places = (await readdir(root)).map((name) => realpathSync(join(root, name)));
    return [...new Set(places)].filter((path) => existsSync(join(path, "cgroup.procs")));
}

/** Enables controllers for child groups, as cgroup v2 requires. */
async function passControllersOn(hierarchy: string): Promise<void> {
    const controllers = await readFile(join(hierarchy, "cgroup.controllers"), "utf8").catch(
        () => "",
    );
    for (const controller of controllers.trim().split(" ")) {
        if (controller === "") continue;
        const file = join(hierarchy, "cgroup.subtree_control");
        // When the machine does not delegate a controller, the kubelet names it in its error.
        await writeFile(file, `+${controller}`).catch(() => undefined);
    }
}

async function makeGroup(hierarchy: string, name: string): Promise<void> {
    const group = join(hierarchy, name);
    await mkdir(group, { recursive: true });
    if (existsSync(join(hierarchy, "cgroup.controllers"))) return;
    // A new cpuset of v1 has no CPUs and no memory nodes, and accepts no process until both are set.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        if (!existsSync(join(group, file))) continue;
        await writeFile(join(group, file), await readFile(join(hierarchy, file)));
    }
}

async function listProcesses(group: string): Promise<number[]> {
    const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory());
    const nested = await Promise.all(below.map(({ name }) => listProcesses(join(group, name))));
    const text = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "");
    const own = text.split("\n").map(Number);
    // 0 is a process outside this namespace; kill(0) would signal our own process group.
    return [...own.filter((pid) => pid > 1), ...nested.flat()];
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}

async function removeTree(group: string): Promise<void> {
    if (!existsSync(group)) return;
    for (const entry of await readdir(group, { withFileTypes: true })) {
        if (entry.isDirectory()) await removeTree(join(group, entry.name));
    }
    await rmdir(group);
}
