import { forever } from "../../stdio/callTable.ts";
import type { Connection } from "../../stdio/connection.ts";
import { ownEnvelope } from "../../stdio/handshake.ts";
import type { JsonObject, RpcRequest } from "../../json/jsonRpc.ts";

/**
 * What a client up to 2025-11-25 wants to hear of, told to a process of 2026-07-28 that belongs to it: there, wishes for
 * updates are one lasting call, and the log level is said with each request.
 */
export class LeasedListening {
    /** Level of the log messages the client asked for. */
    logLevel: string | undefined;
    private readonly connection: Connection;
    private readonly uris = new Set<string>();
    private call: number | undefined;

    constructor(connection: Connection) {
        this.connection = connection;
        this.listen();
    }

    /** Whether a request is one of those that such a process does not know. */
    takes({ method, params }: RpcRequest): boolean {
        return method === "logging/setLevel"
            ? typeof params?.level === "string"
            : /^resources\/(un)?subscribe$/.test(method) && typeof params?.uri === "string";
    }

    /** Serves such a request; gives its result. */
    serve({ method, params }: RpcRequest): JsonObject {
        const uri = String(params?.uri);
        if (method === "logging/setLevel") {
            this.logLevel = String(params?.level);
        } else if (method === "resources/subscribe") {
            this.uris.add(uri);
            this.listen();
        } else if (this.uris.delete(uri)) {
            this.listen();
        }
        return {};
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
