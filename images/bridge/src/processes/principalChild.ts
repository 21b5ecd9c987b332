import { EventEmitter } from "node:events";
import { idleness, type Idleness } from "../collections/callerShares.ts";
import type { Lease } from "./childPool.ts";
import type { Connection } from "../stdio/connection.ts";
import type { ServerDescription } from "../stdio/handshake.ts";
import { rejectServerRequests } from "./sharedChild.ts";
import type { ChildEvents, NotificationSource } from "./notificationSource.ts";

/** The process of one principal, shared by whatever that principal does. Another one is started when it comes after its end. */
export class PrincipalChild extends EventEmitter<ChildEvents> implements NotificationSource {
    readonly connection: Connection;
    readonly description: ServerDescription;
    private readonly lease: Lease;
    private readonly onGone: () => void;

    /** @param onGone called when the process ends by itself */
    constructor(lease: Lease, onGone: () => void) {
        super();
        // Every stream listens for "gone"; their number is bounded by the limit of streams.
        this.setMaxListeners(0);
        this.lease = lease;
        this.onGone = onGone;
        this.connection = lease.connection;
        this.description = lease.description;
        const { connection } = lease;
        connection.handlers = {
            ...rejectServerRequests(connection, () => {
                this.reclaim();
            }),
            onNotification: (method, params) => this.emit("notification", method, params),
        };
    }

    /** Whether its principal waits for an answer, listens, or neither. */
    get idleness(): Idleness {
        if (this.connection.busy) {
            return idleness.busy;
        }
        const listens = this.connection.openCalls > 0 || this.listenerCount("gone") > 0;
        return listens ? idleness.listening : idleness.idle;
    }

    /** Ends the process. */
    end(): void {
        this.lease.release();
    }

    /** Ends the process although its principal may listen. */
    reclaim(): void {
        this.end();
        this.onGone();
        this.emit("gone");
    }
}
