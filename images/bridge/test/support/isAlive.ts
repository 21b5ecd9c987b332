import { readFileSync } from "node:fs";

/** Whether a process runs. One that ended and waits to be reaped by its parent does not. */
export function isAlive(pid: number): boolean {
    try {
        return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
}
