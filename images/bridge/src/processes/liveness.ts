import type { Log } from "../log/log.ts";
import type { Connection } from "../stdio/connection.ts";
import { ownEnvelope, type ServerDescription } from "../stdio/handshake.ts";

/**
 * Notices processes of a server that no longer answer, though they run. One that is silent is asked something that costs
 * it nothing. Busy is not dead: one thread may be all a server has, so as long as it has a call only the call's own time
 * limit counts; one that is silent and has nothing to do is ended.
 */
export class Liveness {
    private readonly limit: number;
    private readonly log: Log;
    private readonly watched = new Map<Connection, ServerDescription["era"]>();
    /** One for all processes. */
    private timer: NodeJS.Timeout | undefined;

    /** @param limit time in which an idle server must answer, in milliseconds; 0 never asks */
    constructor(limit: number, log: Log) {
        this.limit = limit;
        this.log = log;
    }

    /** Watches a process that has shaken hands. */
    watch(connection: Connection, era: ServerDescription["era"]): void {
        if (this.limit > 0) {
            this.watched.set(connection, era);
            this.timer ??= setInterval(() => this.sweep(), this.limit).unref();
        }
    }

    /** Watches a process no more: it is gone, or about to go. */
    forget(connection: Connection): void {
        this.watched.delete(connection);
        if (this.watched.size === 0) {
            this.stop();
        }
    }

    /** Watches nothing any more. */
    stop(): void {
        this.watched.clear();
        clearInterval(this.timer);
        this.timer = undefined;
    }

    private sweep(): void {
        for (const connection of this.watched.keys()) {
            if (connection.silence >= this.limit && !connection.busy) {
                void this.examine(connection);
            }
        }
    }

    /** Asks twice, so that a call which came with the first question is not mistaken for one that came after it. */
    private async examine(connection: Connection): Promise<void> {
        if ((await this.isSilent(connection)) && !connection.busy) {
            const { pid, silence } = connection;
            this.log("warn", "ping unanswered", { pid, silentMs: Math.round(silence) });
            // It had nothing to do, so no call that comes from now on is what keeps it from answering.
            if (await this.isSilent(connection)) {
                const silentMs = Math.round(connection.silence);
                this.log("error", "server hangs", { pid, silentMs });
                connection.kill("the server hangs: it did not answer a ping, and was ended");
            }
        }
    }

    /** Whether a process says nothing, though it is asked. Any word counts, also an error. */
    private async isSilent(connection: Connection): Promise<boolean> {
        const legacy = this.watched.get(connection) === "legacy";
        const method = legacy ? "ping" : "server/discover";
        const params = legacy ? undefined : { _meta: ownEnvelope };
        await connection.request(method, params, this.limit / 2);
        return this.watched.has(connection) && connection.silence >= this.limit;
    }
}
