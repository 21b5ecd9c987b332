import type { EventEmitter } from "node:events";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Connection } from "../stdio/connection.ts";
import type { ServerDescription } from "../stdio/handshake.ts";
import type { ProcessExit } from "../stdio/serverProcess.ts";

/** What happens to a process that serves whoever comes. */
export interface ChildEvents {
    ready: [ServerDescription];
    /** The handshake failed or the process ended. */
    ended: [exit: ProcessExit];
    /** The process ended, and no other takes its place. */
    gone: [];
    /** A notification that belongs to no call. After a restart, as if every list had changed. */
    notification: [method: string, params: JsonObject | undefined];
}

/** A process of the server that tells what changed to whoever listens. */
export interface NotificationSource extends EventEmitter<ChildEvents> {
    /** What the running server said in its handshake; undefined while there is none. */
    readonly description: ServerDescription | undefined;
    /** The running process; only to be called while there is a description. */
    readonly connection: Connection;
}
