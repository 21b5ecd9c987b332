import type { Exchange } from "../../http/exchange.ts";
import type { Reply } from "../../http/reply.ts";
import type { JsonObject } from "../../json/jsonRpc.ts";
import { joinText, type Text } from "../../json/text.ts";
import type { EventStream, EventStreams } from "./eventStreams.ts";

/**
 * The answer to a request of a session: plain JSON like any other, but as soon as it becomes a stream, one that outlives
 * its connection.
 */
export class SessionReply implements Reply {
    private readonly session: { readonly streams: EventStreams };
    private readonly exchange: Exchange;
    private stream: EventStream | undefined;

    /** @param session whose streams are made when one of its answers needs one */
    constructor(session: { readonly streams: EventStreams }, exchange: Exchange) {
        this.session = session;
        this.exchange = exchange;
        exchange.stream = this;
    }

    get over(): boolean {
        return this.stream === undefined ? this.exchange.over : this.stream.finished;
    }

    /** Makes it a stream. */
    open(): void {
        if (this.stream === undefined && !this.exchange.over && this.exchange.streamable) {
            this.stream = this.session.streams.open(this.exchange);
        }
    }

    addHeaders(headers: readonly string[]): void {
        this.exchange.addHeaders(headers);
    }

    notify(message: JsonObject): void {
        this.open();
        if (this.stream !== undefined) {
            this.session.streams.send(this.stream, JSON.stringify(message));
        }
    }

    finish(text: Text, status: number): void {
        if (this.stream === undefined) {
            this.exchange.finish(text, status);
        } else if (!this.stream.finished) {
            this.session.streams.finish(this.stream, joinText(text));
        }
    }
}
