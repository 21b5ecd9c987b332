import type { Log } from "../log/log.ts";
import type { ChildLog } from "./stderrLog.ts";

/** How to start a process of the server. */
export interface LaunchArgs {
    /** Program and its arguments; no shell sees them. */
    command: readonly string[];
    /** Gives the whole environment of the process, anew at each start. */
    readEnvironment: () => NodeJS.ProcessEnv;
    /** Longest line of the server, in bytes. */
    lineLimit: number;
    /** What is logged of what it writes on stderr. */
    childLog: ChildLog;
    log: Log;
    /** Counts a message of the server that reaches nobody (default not counted). */
    onDropped?: (kind: DroppedKind) => void;
}

/**
 * What reaches nobody: an `answer` to no call, or to one that was cancelled; a `line` that is no message; `progress` of no call;
 * a `log` message of a process that many share.
 */
export type DroppedKind = "answer" | "line" | "progress" | "log";
