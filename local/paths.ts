import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway");
const state = join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "slipway");
const platform = join(state, "platform");

/** All directories outside the checkout that this project writes to. */
export const paths = {
    /** Built tools and downloads. They are determined by pinned inputs, so they are never deleted. */
    cache,
    state,
    /** Persistent data of the embedded platform, deleted with it. */
    platform,
    /** State of stacks with a local backend, one directory per cluster. A second checkout may move it. */
    stacks: process.env["SLIPWAY_STACKS"] ?? join(state, "stacks"),
    logs: join(platform, "logs"),
    certificates: join(platform, "certificates"),
    /**
     * Sockets, service directories and process ids; empty after a reboot. Short: socket paths have up to 107 bytes.
     */
    runtime: "/run/slipway",
    /** Lock of the run that changes the platform or its stack. */
    lock: join(state, "lock"),
};

/** State directory of the dev stack, one per cluster, so that two clusters never share one. */
export function devStateDirectory(context?: string): string {
    const cluster = context === undefined ? "embedded" : `context-${encodeURIComponent(context)}`;
    return join(paths.stacks, cluster);
}

/** State directory of a stack on the embedded platform. */
export function embeddedStateDirectory(stack: string): string {
    const own = join(paths.stacks, `embedded-${encodeURIComponent(stack)}`);
    return stack === "dev" ? devStateDirectory() : own;
}

/** Lock file of a stack with a local backend. It is beside the state directory, because that may be removed. */
export function stackLock(stateDirectory: string): string {
    return `${stateDirectory}.lock`;
}
