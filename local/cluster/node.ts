import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { plugCable, readMtu, unplugCable } from "./cable.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { findMachineProblems } from "./machineProblems.ts";
import { readStartTime } from "./processTime.ts";
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

/** Directories that are the node's own although programs insist on their place: their contents never meet the machine's. */
const privateDirectories = ["/run/netns", "/run/containerd", "/run/docker", "/var/lib/cni"];

/** Where programs look for what the kubelet keeps; the node sees the platform's own directory there. */
const kubeletDirectory = "/var/lib/kubelet";

/** What a daemon finds programs by: the system's own directories, whatever the caller's are. */
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Starts the node, or finds it running. Clears what a killed node or a reboot left behind. */
export async function ensureNode(): Promise<Node> {
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

/** Ends the node and removes whatever the machine has of it, but for its data. */
export async function removeNode(): Promise<void> {
    await stopNode();
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
    await mkdir(services, { recursive: true });
    const kubelet = join(paths.platform, "kubelet");
    await mkdir(kubelet, { recursive: true });
    await mkdir(paths.logs, { recursive: true });
    const script = [
        "set -e",
        // Out of the caller's control group: the node outlives the session that started it.
        ...(await makeCgroups()).map((file) => `echo 0 >${file}`),
        // Mounts made by one daemon must be seen by the others, but not by the machine.
        "mount --make-rshared /",
        ...privateDirectories.map((path) => `mkdir -p ${path}; mount -t tmpfs tmpfs ${path}`),
        `mkdir -p ${kubeletDirectory}; mount --bind "$1" ${kubeletDirectory}`,
        `exec s6-svscan "$2"`,
    ].join("\n");
    const log = openSync(join(paths.logs, "node.log"), "a", 0o600);
    const namespaces = ["--net", "--mount", "--pid", "--fork", "--mount-proc"];
    const child = spawn(
        "unshare",
        [
            ...namespaces,
            "--propagation",
            "private",
            "--",
            "sh",
            "-c",
            script,
            "sh",
            kubelet,
            services,
        ],
        { cwd: "/", detached: true, stdio: ["ignore", log, log], env: { PATH: searchPath } },
    );
    closeSync(log);
    child.unref();
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const pid = await waitFor("the node's first process", 10, async () => {
        const [first] = (await readFile(children, "utf8")).trim().split(" ");
        return first === undefined || first === "" ? undefined : Number(first);
    });
    await waitFor("the node's supervisor", 10, () => {
        return readFile(`/proc/${pid}/comm`, "utf8").then((name) => name.trim() === "s6-svscan");
    });
    await writeText(record, JSON.stringify({ pid, started: await readStartTime(pid) }));
    return pid;
}
