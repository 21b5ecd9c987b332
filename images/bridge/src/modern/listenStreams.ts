import { forever } from "../child/callTable.ts";
import type { ServerDescription } from "../child/handshake.ts";
import { envelope } from "../child/handshake.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import { errorCodes, isObject, type JsonObject, type RpcRequest } from "../jsonRpc.ts";
import type { ResourceSubscriptions } from "../sessions/subscriptions.ts";
import { findHonouredFilter, listFields } from "./subscriptionFilter.ts";

/** Streams open at once; each costs a socket and little else. The SDK's own limit. */
const streamLimit = 1024;

interface OpenStream {
    exchange: Exchange;
    request: RpcRequest;
    server: ServerDescription;
}

/** The `subscriptions/listen` streams: what a shared process says to everyone reaches each that asked for it. */
export class ListenStreams {
    private readonly subscriptions: ResourceSubscriptions;
    private readonly streams = new Map<OpenStream, Set<string>>();
    /** Streams that the server itself serves, by the id of its call. */
    private readonly native = new Map<number, OpenStream>();
    private readonly heard = new WeakSet<SharedChild>();
    private closed = false;

    constructor(subscriptions: ResourceSubscriptions) {
        this.subscriptions = subscriptions;
    }

    /** Streams that are open. */
    get size(): number {
        return this.streams.size + this.native.size;
    }

    /** Acknowledges a subscription and keeps its stream open until the client or the bridge ends it. */
    open(exchange: Exchange, request: RpcRequest, child: SharedChild): void {
        const { description } = child;
        const filter = request.params?.notifications;
        if (description === undefined || !isObject(filter)) {
            const message = "params.notifications: must be a subscription filter";
            finish(exchange, request.id, { error: { code: errorCodes.invalidParams, message } });
        } else if (this.size >= streamLimit) {
            const message = `there are ${streamLimit} subscriptions already; try again later`;
            finish(exchange, request.id, { error: { code: errorCodes.internalError, message } });
        } else {
            this.hear(child);
            exchange.markLasting();
            const stream = { exchange, request, server: description };
            if (description.era === "modern") {
                this.openNative(stream, child);
            } else {
                this.openTranslated(stream, filter);
            }
        }
    }

    /** Ends every stream, also those still to come, as the protocol wants it: with an empty result. */
    closeAll(): void {
        this.closed = true;
        [...this.streams.keys(), ...this.native.values()].forEach(end);
    }

    private openTranslated(stream: OpenStream, filter: JsonObject): void {
        const { exchange, server } = stream;
        const honoured = findHonouredFilter(filter, server);
        notify(stream, "notifications/subscriptions/acknowledged", { notifications: honoured });
        if (Object.keys(honoured).length === 0 || this.closed) {
            end(stream);
            return;
        }
        const methods = Object.keys(listFields).filter(
            (method) => honoured[listFields[method]?.field ?? ""] === true,
        );
        this.streams.set(stream, new Set(methods));
        const listener = (params: JsonObject): void =>
            notify(stream, "notifications/resources/updated", params);
        const { resourceSubscriptions = [] } = honoured as { resourceSubscriptions?: string[] };
        for (const uri of resourceSubscriptions) {
            void this.subscriptions.add(uri, listener);
        }
        exchange.onClosed = () => {
            this.streams.delete(stream);
            resourceSubscriptions.forEach((uri) => this.subscriptions.remove(uri, listener));
        };
    }

    private openNative(stream: OpenStream, { connection }: SharedChild): void {
        const { exchange, request } = stream;
        const id = connection.call(
            request.method,
            request.params,
            {
                onProgress: () => undefined,
                onAnswer: () => end(stream),
            },
            forever,
        );
        this.native.set(id, stream);
        exchange.onClosed = () => {
            this.native.delete(id);
            connection.cancel(id, "the client closed the stream");
        };
        if (this.closed) {
            end(stream);
        }
    }

    private hear(child: SharedChild): void {
        if (this.heard.has(child)) {
            return;
        }
        this.heard.add(child);
        child.on("notification", (method, params) => {
            const meta = params?._meta;
            const id = isObject(meta) ? meta[envelope.subscriptionId] : undefined;
            const native = this.native.get(Number(id));
            if (native !== undefined) {
                notify(native, method, params ?? {});
                return;
            }
            for (const [stream, methods] of this.streams) {
                if (methods.has(method)) {
                    notify(stream, method, {});
                }
            }
        });
    }
}

function notify({ exchange, request }: OpenStream, method: string, params: JsonObject): void {
    const meta = isObject(params._meta) ? params._meta : {};
    const _meta = { ...meta, [envelope.subscriptionId]: request.id };
    exchange.notify({ jsonrpc: "2.0", method, params: { ...params, _meta } });
}

function end({ exchange, request, server }: OpenStream): void {
    const _meta = {
        [envelope.subscriptionId]: request.id,
        [envelope.serverInfo]: server.serverInfo,
    };
    finish(exchange, request.id, { result: { resultType: "complete", _meta } });
}
