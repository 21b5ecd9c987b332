import type { Exchange } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import type { JsonObject } from "../jsonRpc.ts";
import type { EventStream, EventStreams } from "./eventStreams.ts";

/**
 * The answer to a request of a session: plain JSON like any other, but as soon as it becomes a stream, one that outlives
 * its connection.
 */
export class SessionReply implements Reply {
    private readonly streams: () => EventStreams;
    private readonly exchange: Exchange;
    private stream: EventStream | undefined;

    /** @param streams gives the session's streams, which most sessions never need */
    constructor(streams: () => EventStreams, exchange: Exchange) {
        this.streams = streams;
        this.exchange = exchange;
        const comment = exchange.keepAlive;
        exchange.keepAlive = () => {
            if (!exchange.over && exchange.streamable) {
                this.openStream();
                comment();
            }
        };
    }

    get over(): boolean {
        return this.stream === undefined ? this.exchange.over : this.stream.finished;
    }

    notify(message: JsonObject): void {
        const stream = this.openStream();
        if (stream !== undefined) {
            this.streams().send(stream, JSON.stringify(message));
        }
    }

    finish(text: string, status: number): void {
        if (this.stream === undefined) {
            this.exchange.finish(text, status);
        } else if (!this.stream.finished) {
            this.streams().finish(this.stream, text);
        }
    }

    private openStream(): EventStream | undefined {
        if (this.stream === undefined && !this.exchange.over && this.exchange.streamable) {
            this.stream = this.streams().open(this.exchange);
        }
        return this.stream;
    }
}
