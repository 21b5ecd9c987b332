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
}
