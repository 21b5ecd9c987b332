import {
    buildResponse,
    errorCodes,
    isObject,
    type JsonObject,
    type RequestId,
} from "../json/jsonRpc.ts";
import { readMessages } from "./readMessages.ts";

export interface HttpServerHandlers {
    /** Takes each message of the server. */
    onMessage: (message: JsonObject) => void;
    /** Called once the server no longer knows the session. */
    onSessionLost: () => void;
}

/**
 * An MCP server of another address, as its client up to 2025-11-25. Every message of the client is a request of HTTP; the
 * server's messages come in the answers to these alone.
 */
export class HttpServer {
    private readonly url: URL;
    private readonly handlers: HttpServerHandlers;
    private readonly open = new Map<RequestId, AbortController>();
    private session: string | undefined;
    private protocolVersion: string | undefined;
    /** Settles when every message that others must follow has arrived. */
    private before: Promise<void> = Promise.resolve();

    constructor(url: URL, handlers: HttpServerHandlers) {
        this.url = url;
        this.handlers = handlers;
    }

    /** Sends a message after those that it must follow; what fails is told by `onMessage`. */
    send(message: JsonObject): void {
        const { id, method } = message;
        if (method === "server/discover") {
            // Revisions without a handshake want headers that only the client of each call knows.
            const error = { code: errorCodes.methodNotFound, message: "only with a handshake" };
            this.handlers.onMessage(buildResponse(id as RequestId, { error }));
            return;
        }
        const sent = this.before.then(() => this.post(message));
        const mustArriveFirst = id === undefined || method === "initialize";
        if (mustArriveFirst) this.before = sent;
    }

    /** Ends the calls in flight and the session. */
    async close(): Promise<void> {
        for (const call of this.open.values()) call.abort();
        if (this.session === undefined) return;
        const headers = this.buildHeaders();
        const signal = AbortSignal.timeout(1000);
        await fetch(this.url, { method: "DELETE", headers, signal }).catch(() => undefined);
    }

    private async post(message: JsonObject): Promise<void> {
        const id = message.id as RequestId | undefined;
        const isCall = id !== undefined && typeof message.method === "string";
        const call = new AbortController();
        if (isCall) this.open.set(id, call);
        try {
            const response = await fetch(this.url, {
                method: "POST",
                headers: this.buildHeaders(),
                body: JSON.stringify(message),
                signal: call.signal,
            });
            if (response.status === 404 && this.session !== undefined) {
                this.handlers.onSessionLost();
            }
            this.session = response.headers.get("mcp-session-id") ?? this.session;
            const isAnswered = await this.passOn(response, id);
            if (isCall && !isAnswered) {
                throw new Error(`answered with status ${response.status}, and without a result`);
            }
        } catch (error) {
            if (isCall && !call.signal.aborted) this.refuse(id, error as Error);
        } finally {
            if (isCall) this.open.delete(id);
        }
        this.cancel(message);
    }

    /** Passes on the messages of an answer; resolves to whether the request `id` is answered among them. */
    private async passOn(response: Response, id: RequestId | undefined): Promise<boolean> {
        let isAnswered = false;
        for await (const message of readMessages(response)) {
            if (message.id === id && !("method" in message)) {
                isAnswered = true;
                const { protocolVersion } = isObject(message.result) ? message.result : {};
                if (typeof protocolVersion === "string") this.protocolVersion ??= protocolVersion;
            }
            this.handlers.onMessage(message);
        }
        return isAnswered;
    }

    private buildHeaders(): Record<string, string> {
        return {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            ...(this.session !== undefined && { "mcp-session-id": this.session }),
            ...(this.protocolVersion !== undefined && {
                "mcp-protocol-version": this.protocolVersion,
            }),
        };
    }

    /** Stops waiting for a call that its client has cancelled; a stateless server hears of it in no other way. */
    private cancel({ method, params }: JsonObject): void {
        if (method !== "notifications/cancelled" || !isObject(params)) return;
        this.open.get(params.requestId as RequestId)?.abort();
    }

    private refuse(id: RequestId, { message, cause }: Error): void {
        const why = cause instanceof Error && cause.message !== "" ? cause.message : message;
        const error = {
            code: errorCodes.internalError,
            message: `the server at ${this.url.href}: ${why}`,
        };
        this.handlers.onMessage(buildResponse(id, { error }));
    }
}
