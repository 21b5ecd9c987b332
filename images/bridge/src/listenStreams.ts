import { SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import type { ServerDescription } from "./child/handshake.ts";
import type { SharedChild } from "./child/sharedChild.ts";
import { finish, type Exchange } from "./http/exchange.ts";
import { errorCodes, isObject, type JsonObject, type RpcRequest } from "./jsonRpc.ts";

/** Streams open at once; each costs a socket and little else. */
const streamLimit = 1024;

/** Fields of a subscription's filter, by the notification each asks for. */
const filterFields: Record<string, { field: string; capability: string }> = {
    "notifications/tools/list_changed": { field: "toolsListChanged", capability: "tools" },
    "notifications/prompts/list_changed": { field: "promptsListChanged", capability: "prompts" },
    "notifications/resources/list_changed": {
        field: "resourcesListChanged",
        capability: "resources",
    },
};

interface OpenStream {
    exchange: Exchange;
    request: RpcRequest;
    server: ServerDescription;
    methods: string[];
}

/** The `subscriptions/listen` streams: what the one server says to everyone reaches each that asked for it. */
export class ListenStreams {
    private readonly streams = new Set<OpenStream>();
    private closed = false;

    constructor(child: SharedChild) {
        child.on("listChanged", (method) => this.publish(method));
    }

    /** Streams that are open. */
    get size(): number {
        return this.streams.size;
    }

    /** Acknowledges a subscription and keeps its stream open until the client or the bridge ends it. */
    open(exchange: Exchange, request: RpcRequest, server: ServerDescription): void {
        const filter = request.params?.notifications;
        if (!isObject(filter)) {
            const message = "params.notifications: must be a subscription filter";
            finish(exchange, request.id, { error: { code: errorCodes.invalidParams, message } });
            return;
        }
        if (this.streams.size >= streamLimit) {
            const message = `there are ${streamLimit} subscriptions already; try again later`;
            finish(exchange, request.id, { error: { code: errorCodes.internalError, message } });
            return;
        }
        const methods = Object.keys(filterFields).filter((method) =>
            isHonoured(method, filter, server),
        );
        const stream = { exchange, request, server, methods };
        notify(stream, "notifications/subscriptions/acknowledged", {
            notifications: Object.fromEntries(
                methods.map((method) => [filterFields[method]?.field, true]),
            ),
        });
        if (methods.length === 0 || this.closed) {
            end(stream);
            return;
        }
        this.streams.add(stream);
        exchange.response.once("close", () => this.streams.delete(stream));
    }

    /** Ends every stream, also those still to come, as the protocol wants it: with an empty result. */
    closeAll(): void {
        this.closed = true;
        this.streams.forEach(end);
    }

    private publish(method: string): void {
        for (const stream of this.streams) {
            if (stream.methods.includes(method)) {
                notify(stream, method, {});
            }
        }
    }
}

function isHonoured(method: string, filter: JsonObject, server: ServerDescription): boolean {
    const { field = "", capability = "" } = filterFields[method] ?? {};
    const declared = server.capabilities[capability];
    return filter[field] === true && isObject(declared) && declared.listChanged === true;
}

function notify({ exchange, request }: OpenStream, method: string, params: JsonObject): void {
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: request.id };
    exchange.answer.notify({ jsonrpc: "2.0", method, params: { ...params, _meta } });
}

function end({ exchange, request, server }: OpenStream): void {
    const _meta = {
        [SUBSCRIPTION_ID_META_KEY]: request.id,
        [SERVER_INFO_META_KEY]: server.serverInfo,
    };
    finish(exchange, request.id, { result: { resultType: "complete", _meta } });
}
