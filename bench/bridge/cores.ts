import { execFileSync } from "node:child_process";
import { availableParallelism, setPriority } from "node:os";

/** Core of the load generator and of the bench itself. */
export const loadCore = 0;
/** Core of the bridge and of the stdio server behind it. */
export const bridgeCore = 1;

/** `command`, bound to a core; it becomes that process, so its id is the program's. */
export function pinned(core: number, command: string[]): string[] {
    return ["taskset", "-c", String(core), ...command];
}

/** How much more than others the bench and all it starts may have of a machine that is not quiet, where it is allowed. */
const niceness = -5;

/** Binds this process, and what it starts, to the load generator's core. */
export function pinThisProcess(): void {
    if (availableParallelism() < 2) {
        throw new Error("bench: needs two cores, one for the load and one for the bridge, got 1");
    }
    execFileSync("taskset", ["-a", "-c", "-p", String(loadCore), String(process.pid)]);
    try {
        setPriority(niceness);
    } catch {
        // Only root may; the figures are the same on a quiet machine.
    }
}
