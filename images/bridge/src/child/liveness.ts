import type { Log } from "../log.ts";
import type { Connection } from "./connection.ts";
import { ownEnvelope } from "./handshake.ts";

/**
 * Notices a server that no longer answers, though it runs. A server that is silent is asked something that costs it
 * nothing. Busy is not dead: one thread may be all a server has, so as long as a call is in flight only the call's own
 * time limit counts; a server that is silent and has nothing to do is replaced.
 */
export class Liveness {
    private readonly limit: number;
    private readonly log: Log;
    private timer: NodeJS.Timeout | undefined;

    /** @param limit time in which an idle server must answer, in milliseconds; 0 never asks */
    constructor(limit: number, log: Log) {
        this.limit = limit;
        this.log = log;
    }

    /** Watches a process that has shaken hands, until it ends or another one is watched. */
    watch(connection: Connection, era: "legacy" | "modern"): void {
        this.stop();
        if (this.limit > 0) {
            this.timer = setInterval(() => this.look(connection, era), this.limit);
            this.timer.unref();
        }
    }

    /** Watches no more. */
    stop(): void {
        clearInterval(this.timer);
    }

    private look(connection: Connection, era: "legacy" | "modern"): void {
        if (connection.silence < this.limit || connection.busy) {
            return;
        }
        const call =
            era === "legacy"
                ? connection.request("ping", undefined, this.limit)
                : connection.request("server/discover", { _meta: ownEnvelope }, this.limit);
        void call.then(() => {
            // Any word counts, also an error; and calls may have come meanwhile, which it may be busy with.
            if (!connection.over && connection.silence >= this.limit && !connection.busy) {
                this.log("error", "server hangs", {
                    pid: connection.pid,
                    silentMs: connection.silence,
                });
                connection.kill();
            }
        });
    }
}
