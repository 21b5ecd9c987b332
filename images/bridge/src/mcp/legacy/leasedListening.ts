import type { Connection } from "../../stdio/connection.ts";
import type { Quota } from "../../collections/quota.ts";
import type { JsonObject, Outcome, RpcRequest } from "../../json/jsonRpc.ts";
import { ListenCalls } from "../../processes/listenCalls.ts";
import { tooManySubscriptions } from "../../processes/subscriptions.ts";

/**
 * What a client up to 2025-11-25 wants to hear of, told to a process of 2026-07-28 that belongs to it: there, wishes for
 * updates are one lasting call, and the log level is said with each request.
 */
export class LeasedListening {
    /** Level of the log messages the client asked for. */
    logLevel: string | undefined;
    private readonly connection: Connection;
    private readonly uris = new Set<string>();
    private readonly quota: Quota;
    private readonly caller: unknown;
    private readonly listening = new ListenCalls();

    /**
     * @param quota bounds what each caller, and all of them, subscribe to
     * @param caller whose quota it counts against: a name, or an object that stands for a caller without one
     */
    constructor(connection: Connection, quota: Quota, caller: unknown) {
        this.connection = connection;
        this.quota = quota;
        this.caller = caller;
        this.listening.begin(connection);
    }

    /** Whether a request is one of those that such a process does not know. */
    takes({ method, params }: RpcRequest): boolean {
        return method === "logging/setLevel"
            ? typeof params?.level === "string"
            : /^resources\/(un)?subscribe$/.test(method) && typeof params?.uri === "string";
    }

    /** Takes the server's acknowledgement of what is wanted. */
    hear(method: string, params: JsonObject | undefined): void {
        this.listening.hear(method, params);
    }

    /** Whether a notification is for the client, and not for a subscription that was replaced. */
    concerns(params: JsonObject | undefined): boolean {
        return this.listening.concerns(params);
    }

    /** Serves such a request. */
    async serve({ method, params }: RpcRequest): Promise<Outcome> {
        const uri = String(params?.uri);
        if (method === "logging/setLevel") {
            this.logLevel = String(params?.level);
        } else if (method === "resources/unsubscribe") {
            if (this.forget(uri)) {
                this.listening.remove(this.connection, uri);
            }
        } else {
            const known = this.uris.has(uri);
            if (!known && !this.quota.take(this.caller, Buffer.byteLength(uri))) {
                return tooManySubscriptions;
            }
            this.uris.add(uri);
            const outcome = await this.listening.add(this.connection, uri);
            if ("error" in outcome) {
                this.forget(uri);
                return outcome;
            }
        }
        return { result: {} };
    }

    /** Gives back what was counted for a resource; false when it was not subscribed to. */
    private forget(uri: string): boolean {
        const known = this.uris.delete(uri);
        if (known) {
            this.quota.give(this.caller, Buffer.byteLength(uri));
        }
        return known;
    }

    /** Gives back what was counted; the process ends with the session. */
    close(): void {
        this.uris.forEach((uri) => this.quota.give(this.caller, Buffer.byteLength(uri)));
        this.uris.clear();
    }
}
