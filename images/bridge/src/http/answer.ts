import type { IncomingMessage, ServerResponse } from "node:http";
import type { JsonObject } from "../jsonRpc.ts";

/** Time between comments on a silent stream, in milliseconds: what stands between must not think it dead. */
const keepAliveInterval = 15_000;
/** Unread bytes on a stream above which progress is left out, so that a slow reader costs bounded memory. */
const backlogLimit = 1024 * 1024;

/**
 * The answer to one POST: plain JSON, or a stream of events as soon as something precedes the result or the result is
 * long in coming.
 */
export class Answer {
    private readonly response: ServerResponse;
    private readonly streamable: boolean;
    private readonly keepAlive: NodeJS.Timeout;
    private streaming = false;
    private finished = false;

    constructor(request: IncomingMessage, response: ServerResponse) {
        this.response = response;
        this.streamable = accepts(request, "text/event-stream");
        this.keepAlive = setInterval(() => this.comment(), keepAliveInterval);
        response.once("close", () => this.settle());
    }

    /** Calls `listener` when the client goes before its answer is written. */
    onAbandoned(listener: () => void): void {
        this.response.once("close", () => {
            if (!this.response.writableFinished) {
                listener();
            }
        });
    }

    /** Opens the stream now; for what has no result to wait for. */
    open(): void {
        if (this.streaming || this.finished) {
            return;
        }
        this.streaming = true;
        this.response.writeHead(200, {
            "content-type": "text/event-stream",
            "cache-control": "no-cache, no-transform",
            "x-accel-buffering": "no",
        });
    }

    /** Sends what precedes the result. Lost on a client that takes no stream or does not read it. */
    notify(message: JsonObject): void {
        if (this.finished || !this.streamable) {
            return;
        }
        this.open();
        if (this.response.writableLength < backlogLimit) {
            this.response.write(event(message));
        }
    }

    /** Sends the result and ends the answer. `status` counts only when no stream was opened. */
    finish(message: JsonObject, status = 200): void {
        if (this.finished) {
            return;
        }
        this.settle();
        if (this.streaming) {
            this.response.end(event(message));
        } else {
            sendJson(this.response, status, message);
        }
    }

    private settle(): void {
        this.finished = true;
        clearInterval(this.keepAlive);
    }

    private comment(): void {
        if (this.streamable) {
            this.open();
            this.response.write(": keep-alive\n\n");
        }
    }
}

/** Sends one JSON document. */
export function sendJson(
    response: ServerResponse,
    status: number,
    body: JsonObject,
    headers: Record<string, string> = {},
): void {
    const text = JSON.stringify(body);
    response.writeHead(status, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        ...headers,
    });
    response.end(text);
}

/** Whether a client takes `type`; one that does not say takes anything. */
export function accepts({ headers: { accept } }: IncomingMessage, type: string): boolean {
    const [family = ""] = type.split("/");
    return (
        accept === undefined ||
        accept.split(",").some((entry) => {
            const range = entry.split(";")[0]?.trim().toLowerCase();
            return range === type || range === `${family}/*` || range === "*/*";
        })
    );
}

function event(message: JsonObject): string {
    return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
