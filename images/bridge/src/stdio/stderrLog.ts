import type { Log } from "../log/log.ts";
import { redactLine } from "./redactLine.ts";

/**
 * What the log holds of what a server writes on stderr, which may be anything, such as the arguments of a call: `start` is
 * what it writes before it is given any call, without what looks like a secret; `redacted` is everything, without that.
 */
export const childLogs = ["off", "start", "redacted", "all"] as const;
export type ChildLog = (typeof childLogs)[number];

/** Requests without anything of a caller in them that a server could write. */
const harmless = new Set(["initialize", "server/discover", "ping", "tools/list"]);

/** The log of what one process of the server writes on stderr. */
export class StderrLog {
    private readonly mode: ChildLog;
    private readonly log: Log;
    private called = false;
    private left = false;

    constructor(mode: ChildLog, log: Log) {
        this.mode = mode;
        this.log = log;
    }

    /** Notes that the process is sent a request. */
    noteCall(method: string): void {
        this.called ||= !harmless.has(method);
    }

    /** Logs a line, or says once that lines are left out. */
    write(pid: number | undefined, line: string): void {
        if (
            this.mode === "all" ||
            this.mode === "redacted" ||
            !(this.called || this.mode === "off")
        ) {
            const message = this.mode === "all" ? line : redactLine(line);
            this.log("info", "server stderr", { pid, message });
        } else if (!this.left) {
            this.left = true;
            this.log("info", "server stderr left out", { pid, childLog: this.mode });
        }
    }
}
