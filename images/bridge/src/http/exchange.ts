import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import {
    stringifyResponse,
    type JsonObject,
    type Outcome,
    type RequestId,
} from "../json/jsonRpc.ts";
import type { DenseSetItem } from "../collections/denseSet.ts";
import type { Principal } from "../auth/principal.ts";
import { joinText, type Text } from "../json/text.ts";
import { accepts } from "./accepts.ts";
import { writeEvent, eventStreamHeaders } from "./sse.ts";
import type { Reply } from "./reply.ts";
import { writeJson } from "./writeJson.ts";

/** Unread bytes on a stream above which what precedes a result is left out, so that a slow reader costs bounded memory. */
const backlogLimit = 1024 * 1024;

/**
 * One POST from a client and the answer it waits for: plain JSON, or a stream of events as soon as something precedes
 * the result or the result is long in coming.
 */
export class Exchange implements Reply, DenseSetItem {
    slot = -1;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly principal: Principal;
    /** When the request's head had come, in milliseconds of the monotonic clock. */
    readonly startedAt = performance.now();
    /** Called when the client goes before its answer is written. */
    onAbandoned: (() => void) | undefined;
    /** Cancelled when the client goes before its answer is written, in the era in which that means so. */
    call: { cancel(reason: string): void } | undefined;
    /** Called with the client's going, whether it was answered or not. */
    onClosed: (() => void) | undefined;
    /** The answer that makes a stream of its own of this exchange, when it has to be a stream. */
    stream: { open(): void } | undefined;
    /** The request's body, once it was read. */
    body: Buffer | undefined;
    /** Headers of the answer besides those that follow from its kind. */
    extraHeaders: readonly string[] | undefined;
    /** Whether the answer's headers are still to be found, so that nothing can be sent before it. */
    headPending = false;
    /** Counts the exchanges that turn out to be lasting, and what is left out because a client does not read. */
    lastingCount: { lasting: number; onUnread: () => void } | undefined;
    private forever = false;
    private state: "waiting" | "streaming" | "elsewhere" | "finished" = "waiting";

    constructor(request: IncomingMessage, response: ServerResponse, principal: Principal) {
        this.request = request;
        this.response = response;
        this.principal = principal;
    }

    get headers(): IncomingHttpHeaders {
        return this.request.headers;
    }

    get over(): boolean {
        return this.state === "finished";
    }

    addHeaders(headers: readonly string[]): void {
        this.extraHeaders = [...(this.extraHeaders ?? []), ...headers];
    }

    /** Whether the client takes a stream. */
    get streamable(): boolean {
        return accepts(this.headers.accept, "text/event-stream");
    }

    /** Whether it lasts as long as the client wants, so that nobody waits for its end. */
    get lasting(): boolean {
        return this.forever;
    }

    /** Says that it lasts as long as the client wants. */
    markLasting(): void {
        if (!this.forever && this.lastingCount !== undefined) {
            this.lastingCount.lasting++;
        }
        this.forever = true;
    }

    /** Leaves the answer, and whatever keeps its connection alive, to somebody else. */
    proxyTo(): void {
        this.state = "elsewhere";
    }

    /** Takes the answer back from somebody who did not begin it. */
    reclaim(): void {
        this.state = "waiting";
    }

    /** Opens the stream now; for what has no result to wait for. */
    open(): void {
        if (this.state === "waiting") {
            this.state = "streaming";
            this.response.writeHead(200, [...eventStreamHeaders, ...(this.extraHeaders ?? [])]);
            this.response.flushHeaders();
        }
    }

    notify(message: JsonObject): void {
        this.send(JSON.stringify(message));
    }

    /**
     * Sends one message on the stream.
     *
     * @param eventId name by which a client that lost its connection says what it has
     */
    send(text: string, eventId?: string): void {
        if (this.state === "finished" || !this.streamable) {
            return;
        }
        this.open();
        if (this.response.writableLength < backlogLimit) {
            writeEvent(this.response, text, eventId);
        } else {
            this.lastingCount?.onUnread();
        }
    }

    finish(text: Text, status: number, eventId?: string): void {
        if (this.state === "streaming") {
            writeEvent(this.response, joinText(text), eventId);
            this.response.end();
        } else if (this.state === "waiting") {
            writeJson(this.response, status, text, this.extraHeaders);
        }
        this.state = "finished";
    }

    /** Ends the stream without a result. */
    end(): void {
        if (this.state === "streaming") {
            this.response.end();
        }
        this.state = "finished";
    }

    /** Accepts a notification or a response, which have no answer. */
    accept(): void {
        this.response.writeHead(202).end();
        this.state = "finished";
    }

    /** The client is gone, or has its answer. */
    close(): void {
        if (this.state !== "finished") {
            this.state = "finished";
            this.onAbandoned?.();
            this.call?.cancel("the client closed the stream");
        }
        this.onClosed?.();
        // It is counted no more, whatever is still said of it.
        this.lastingCount = undefined;
    }

    /** Sends something, so that nothing in between takes a silent connection for a dead one. */
    keepAlive(): void {
        const silent = this.headPending || this.state === "elsewhere" || this.state === "finished";
        if (!silent && this.streamable) {
            this.stream?.open();
            this.open();
            this.response.write(": keep-alive\n\n");
        }
    }
}

/** Answers request `id`. */
export function finish(reply: Reply, id: RequestId | null, outcome: Outcome, status = 200): void {
    reply.finish(stringifyResponse(id, outcome), status);
}

/** The value of a header that may be sent once. */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
}
