import { envelope, type ServerDescription } from "../../stdio/handshake.ts";
import { finish, type Exchange } from "../../http/exchange.ts";
import {
    isObject,
    type JsonObject,
    type RequestId,
    type RpcError,
    type RpcRequest,
} from "../../json/jsonRpc.ts";
import { statusOf } from "../translate/toModern.ts";
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
    /** What is told before the wishes are acknowledged, which must come first; undefined when nothing has to wait. */
    private early: [method: string, params: JsonObject][] | undefined;

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

    /** Keeps what is told until the wishes are acknowledged. */
    hold(): void {
        this.early = [];
    }

    /** Says which part of the wishes will be heard of. */
    acknowledge(notifications: JsonObject): void {
        const { early = [] } = this;
        this.early = undefined;
        this.notify("notifications/subscriptions/acknowledged", { notifications });
        early.forEach((message) => this.notify(...message));
    }

    /** Tells the client something, under the name it gave to the subscription. */
    notify(method: string, params: JsonObject): void {
        if (this.early !== undefined) {
            this.early.push([method, params]);
            return;
        }
        const meta = isObject(params._meta) ? params._meta : {};
        const _meta = { ...meta, [envelope.subscriptionId]: this.id };
        this.exchange.notify({ jsonrpc: "2.0", method, params: { ...params, _meta } });
    }

    /** Ends the stream with the server's error. */
    fail(error: RpcError): void {
        finish(this.exchange, this.id, { error }, statusOf({ error }));
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
