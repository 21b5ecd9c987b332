import { envelope, type ServerDescription } from "../../stdio/handshake.ts";
import { finish, type Exchange } from "../../http/exchange.ts";
import { isObject, type JsonObject, type RequestId, type RpcRequest } from "../../json/jsonRpc.ts";
import { principalKey } from "../../auth/principal.ts";

/** One `subscriptions/listen` stream, open until its client or the bridge ends it. */
export class ListenStream {
    /** Whose quota its subscriptions count against: the name of the caller, or the stream itself. */
    readonly caller: unknown;
    /** The client's name of the subscription; no more of the request is kept as long as the stream lasts. */
    private readonly id: RequestId;
    private readonly exchange: Exchange;
    private readonly server: ServerDescription;
    private readonly closings: (() => void)[] = [];

    constructor(exchange: Exchange, request: RpcRequest, server: ServerDescription) {
        this.exchange = exchange;
        this.id = request.id;
        this.caller = principalKey(exchange.principal) ?? this;
        this.server = server;
        exchange.markLasting();
        exchange.onClosed = () => this.closings.forEach((close) => close());
    }

    /** Has something done when the stream is closed, by whomever. */
    whenClosed(close: () => void): void {
        this.closings.push(close);
    }

    /** Says which part of the wishes will be heard of. */
    acknowledge(notifications: JsonObject): void {
        this.notify("notifications/subscriptions/acknowledged", { notifications });
    }

    /** Tells the client something, under the name it gave to the subscription. */
    notify(method: string, params: JsonObject): void {
        const meta = isObject(params._meta) ? params._meta : {};
        const _meta = { ...meta, [envelope.subscriptionId]: this.id };
        this.exchange.notify({ jsonrpc: "2.0", method, params: { ...params, _meta } });
    }

    /** Ends the stream as the protocol wants it: with an empty result. */
    end(): void {
        const _meta = {
            [envelope.subscriptionId]: this.id,
            [envelope.serverInfo]: this.server.serverInfo,
        };
        finish(this.exchange, this.id, { result: { resultType: "complete", _meta } });
    }
}
