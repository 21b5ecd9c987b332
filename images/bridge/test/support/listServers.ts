import { readdirSync, readFileSync } from "node:fs";

/** Ids of the processes that this process started, and whose command line holds `name`. */
export function listServers(name: string): number[] {
    return readdirSync("/proc")
        .filter((entry) => {
            try {
                const status = readFileSync(`/proc/${entry}/status`, "utf8");
                const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
                const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
                return Number(parent) === process.pid && command.includes(name);
            } catch {
                return false;
            }
        })
        .map(Number);
}
