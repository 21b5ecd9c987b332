import { readdirSync, readFileSync } from "node:fs";
import { echoServer } from "./files.ts";

/** Milliseconds in a tick of the kernel's process times (USER_HZ, 100 on Linux everywhere Node runs). */
const tickMs = 10;

/** CPU time of processes so far, user and system, in ms. */
export function readCpuMs(pids: number[]): number {
    return pids.reduce((sum, pid) => {
        const [, , , , , , , , , , , user, system] = readStat(pid);
        return sum + (Number(user ?? 0) + Number(system ?? 0)) * tickMs;
    }, 0);
}

/** Resident memory of processes, in MB of 1,000,000 bytes. */
export function readRssMb(pids: number[]): number {
    return pids.reduce((sum, pid) => sum + readRssKb(pid) * 1.024e-3, 0);
}

function readRssKb(pid: number): number {
    try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
        return 0;
    }
}

/** The processes of a bridge: its own, and those of the stdio servers it started. */
export interface BridgeProcesses {
    /** The bridge's own, whose CPU and memory count. */
    own: number[];
    /** The stdio servers, and the shells around them. */
    servers: number[];
}

/** Finds what descends from `root`. A process that has ended but was not reaped counts too: it is left. */
export function findProcesses(root: number): BridgeProcesses {
    const parents = new Map<number, number>();
    for (const name of readdirSync("/proc")) {
        if (/^\d+$/.test(name)) parents.set(Number(name), Number(readStat(Number(name))[1]));
    }
    const own = [root];
    const servers: number[] = [];
    const waiting = [root];
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
        for (const [child, parent] of parents) {
            if (parent !== pid) continue;
            waiting.push(child);
            (servers.includes(pid) || isServer(child) ? servers : own).push(child);
        }
    }
    return { own, servers };
}

/** Number of open files of a process. */
export function countHandles(pid: number): number {
    return readdirSync(`/proc/${pid}/fd`).length;
}

function isServer(pid: number): boolean {
    try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return commandLine === "" || commandLine.includes(echoServer);
    } catch {
        return true;
    }
}

/** Fields of /proc/PID/stat from the state on; the name before it may hold anything. */
function readStat(pid: number): string[] {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    } catch {
        return [];
    }
}
