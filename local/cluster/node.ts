import { mkdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { plugCable, readMtu, unplugCable } from "./cable.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { findMachineProblems } from "./machineProblems.ts";
import { restoreMachineSettings } from "./machineSettings.ts";
import { startNamespaces } from "./namespaces.ts";
import { readStartTime } from "./processTime.ts";
import { writeResolverFile } from "./resolverFile.ts";
import { run, waitFor } from "./run.ts";
import { ensureService } from "./service.ts";
import type { Service } from "./service.ts";
import { writeText } from "./textFile.ts";

/**
 * The embedded platform's machine: one set of network, mount and process namespaces with a supervisor as process 1.
 *
 * Whatever is started in it ends with it, and so do its mounts, interfaces and packet rules.
 */
export interface Node {
    /** The supervisor's process id as the machine sees it. */
    pid: number;
    /** The largest packet that leaves the machine: what every network of the node should keep to, in bytes. */
    mtu: number;
    /** Runs a program in the node to its end and gives its output. */
    enter(command: string, args: string[]): Promise<string>;
    /** Starts a daemon in the node, or restarts it when its definition changed, and waits until it is ready. */
    service(service: Service): Promise<void>;
}

const services = join(paths.runtime, "services");
const record = join(paths.runtime, "node.json");
const resolverFile = join(paths.platform, "resolv.conf");

/** Directories that are the node's own although programs insist on their place: their contents never meet the machine's. */
const privateDirectories = [
    ...["/run/netns", "/run/containerd", "/run/docker"],
    ...["/var/lib/cni", "/var/log/containers"],
];

/** Where programs look for what the kubelet keeps; the node sees the platform's own directory there. */
const kubeletDirectory = "/var/lib/kubelet";

/** Starts the node, or finds it running. Clears what a killed node or a reboot left behind. */
export async function ensureNode(): Promise<Node> {
    await writeResolverFile(resolverFile);
    const running = await findNode();
    const pid = running ?? (await startNode());
    await plugCable(pid);
    return {
        pid,
        mtu: await readMtu(),
        enter: (command, args) =>
            run("nsenter", ["-t", String(pid), "-n", "-m", "-p", "--", command, ...args]),
        service: ensureService,
    };
}

/** The process id of the running node's supervisor. */
export async function findNode(): Promise<number | undefined> {
    const text = await readFile(record, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { pid, started } = JSON.parse(text) as { pid: number; started: string };
    // A process id alone may belong to somebody else by now.
    return (await readStartTime(pid)) === started ? pid : undefined;
}

/** Ends the node and removes whatever the machine has of it, but for its data; the machine's settings are as before. */
export async function removeNode(): Promise<void> {
    await stopNode();
    await restoreMachineSettings();
    for (const directory of [...privateDirectories, kubeletDirectory]) {
        // One that is not empty is somebody else's too.
        await rmdir(directory).catch(() => undefined);
    }
}

/** Ends every process of the node and removes the cable, the control groups and the run-time directory. */
async function stopNode(): Promise<void> {
    const pid = await findNode();
    if (pid !== undefined) {
        // The kernel ends every process of a process namespace with its first one.
        process.kill(pid, "SIGKILL");
        await waitFor("the end of the node", 60, async () => (await findNode()) === undefined);
    }
    await removeCgroups();
    await unplugCable();
    await rm(paths.runtime, { recursive: true, force: true });
}

async function startNode(): Promise<number> {
    await stopNode();
    const problems = await findMachineProblems();
    if (problems.length > 0) throw new Error(`this machine:\n- ${problems.join("\n- ")}`);
    const kubelet = join(paths.platform, "kubelet");
    for (const directory of [services, kubelet, paths.logs]) {
        await mkdir(directory, { recursive: true });
    }
    const pid = await startNamespaces({
        cgroupFiles: await makeCgroups(),
        emptyDirectories: privateDirectories,
        // A resolver on the machine's loopback cannot be reached from the node.
        mounts: { [kubeletDirectory]: kubelet, "/etc/resolv.conf": resolverFile },
        command: ["s6-svscan", services],
        logFile: join(paths.logs, "node.log"),
    });
    await writeText(record, JSON.stringify({ pid, started: await readStartTime(pid) }));
    return pid;
}
