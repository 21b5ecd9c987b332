import { forever } from "../../stdio/callTable.ts";
import type { Connection } from "../../stdio/connection.ts";
import { ownEnvelope } from "../../stdio/handshake.ts";
import type { Quota } from "../../collections/quota.ts";
import type { Outcome, RpcRequest } from "../../json/jsonRpc.ts";
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
    private call: number | undefined;

    /**
     * @param quota bounds what each caller, and all of them, subscribe to
     * @param caller whose quota it counts against: a name, or an object that stands for a caller without one
     */
    constructor(connection: Connection, quota: Quota, caller: unknown) {
        this.connection = connection;
        this.quota = quota;
        this.caller = caller;
        this.listen();
    }

    /** Whether a request is one of those that such a process does not know. */
    takes({ method, params }: RpcRequest): boolean {
        return method === "logging/setLevel"
            ? typeof params?.level === "string"
            : /^resources\/(un)?subscribe$/.test(method) && typeof params?.uri === "string";
    }

    /** Serves such a request. */
    serve({ method, params }: RpcRequest): Outcome {
        const uri = String(params?.uri);
        if (method === "logging/setLevel") {
            this.logLevel = String(params?.level);
        } else if (method === "resources/unsubscribe") {
            if (this.uris.delete(uri)) {
                this.quota.give(this.caller, Buffer.byteLength(uri));
                this.listen();
            }
        } else if (!this.uris.has(uri)) {
            if (!this.quota.take(this.caller, Buffer.byteLength(uri))) {
                return tooManySubscriptions;
            }
            this.uris.add(uri);
            this.listen();
        }
        return { result: {} };
    }

    /** Gives back what was counted; the process ends with the session. */
    close(): void {
        this.uris.forEach((uri) => this.quota.give(this.caller, Buffer.byteLength(uri)));
        this.uris.clear();
    }

    private listen(): void {
        const before = this.call;
        const notifications = {
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            ...(this.uris.size > 0 && { resourceSubscriptions: [...this.uris] }),
        };
        const handlers = { onProgress: () => undefined, onAnswer: () => undefined };
        const params = { notifications, _meta: ownEnvelope };
        this.call = this.connection.call("subscriptions/listen", params, handlers, forever);
        if (before !== undefined) {
            this.connection.cancel(before, "replaced by a subscription to more or less");
        }
    }
}
