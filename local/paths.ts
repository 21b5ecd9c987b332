import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway");
const state = join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "slipway");
const platform = join(state, "platform");

/** Every place outside the checkout that this project writes to. */
export const paths = {
    /** Built tools and downloads, kept for good: they follow from pinned inputs. */
    cache,
    state,
    /** Everything the embedded platform keeps over restarts; goes with it. */
    platform,
    /** State of stacks that live on this machine, one directory a cluster; a second checkout may have its own place. */
    stacks: process.env["SLIPWAY_STACKS"] ?? join(state, "stacks"),
    logs: join(platform, "logs"),
    certificates: join(platform, "certificates"),
    /** Sockets, service directories and process ids: empty after a reboot. Short, as a socket's path holds 107 bytes. */
    runtime: "/run/slipway",
    /** Held by the one run that changes the platform or its stack. */
    lock: join(state, "lock"),
};

/** Where the dev stack keeps its state: a directory for each cluster, so that two clusters never share one. */
export function devStateDirectory(context?: string): string {
    const cluster = context === undefined ? "embedded" : `context-${encodeURIComponent(context)}`;
    return join(paths.stacks, cluster);
}

/** The lock of a stack that lives on this machine; beside its directory, which may be removed. */
export function stackLock(stateDirectory: string): string {
    return `${stateDirectory}.lock`;
}
