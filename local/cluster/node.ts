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
 * All its processes, mounts, interfaces and packet rules end with it.
 */
export interface Node {
    /** Process id of the supervisor on the machine. */
    pid: number;
    /** MTU of the machine's uplink, in bytes; all networks of the node use it. */
    mtu: number;
    /** Runs a program in the node and returns its output. */
    enter(command: string, args: string[]): Promise<string>;
    /** Starts a daemon in the node, or restarts it when its definition changed, and waits until it is ready. */
    service(service: Service): Promise<void>;
}

const services = join(paths.runtime, "services");
const record = join(paths.runtime, "node.json");
const resolverFile = join(paths.platform, "resolv.conf");

/** Fixed paths of programs that are private directories of the node, separate from the machine's. */
const privateDirectories = [
    ...["/run/netns", "/run/containerd", "/run/docker"],
    ...["/var/lib/cni", "/var/log/containers"],
];

/** Fixed path of the kubelet's data; the platform's own directory is mounted there. */
const kubeletDirectory = "/var/lib/kubelet";

/** Starts the node, or finds it running. Cleans up after a killed node or a reboot. */
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

/** Process id of the running node's supervisor; undefined when the node is down. */
export async function findNode(): Promise<number | undefined> {
    const text = await readFile(record, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { pid, started } = JSON.parse(text) as { pid: number; started: string };
    // The process id may belong to another process by now.
    return (await readStartTime(pid)) === started ? pid : undefined;
}

/** Stops the node, removes its traces on the machine except for its data, and restores the machine's settings. */
export async function removeNode(): Promise<void> {
    await stopNode();
    await restoreMachineSettings();
    for (const directory of [...privateDirectories, kubeletDirectory]) {
        // A directory that is not empty has other users too.
        await rmdir(directory).catch(() => undefined);
    }
}

/** Ends all processes of the node and removes the veth pair, the control groups and the run-time directory. */
async function stopNode(): Promise<void> {
    const pid = await findNode();
    if (pid !== undefined) {
        // The kernel kills all processes of a PID namespace when its first process ends.
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
        // The node cannot reach a resolver on the machine's loopback.
        mounts: { [kubeletDirectory]: kubelet, "/etc/resolv.conf": resolverFile },
        command: ["s6-svscan", services],
        logFile: join(paths.logs, "node.log"),
    });
    await writeText(record, JSON.stringify({ pid, started: await readStartTime(pid) }));
    return pid;
}
