import { randomUUID } from "node:crypto";
import { carriedParams, carriedResult, isCarried } from "./era/carried.ts";
import { buildInitializeResult, isLegacyVersion } from "./era/legacy.ts";
import type { Dialect, Forwarder } from "./forwarder.ts";
import { accept, finish, readHeader, type Exchange } from "./http/exchange.ts";
import { errorCodes, type RequestId, type RpcNotification, type RpcRequest } from "./jsonRpc.ts";

/**
 * A session id only names a client, so that its cancellations find its calls; nothing is kept for it. So any replica
 * takes any id, none is ever unknown but one that no replica can have given, and an abandoned one costs nothing.
 */
const sessionId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Serves clients of the revisions with an `initialize` handshake, up to 2025-11-25. */
export class LegacyRequests {
    private readonly forwarder: Forwarder;
    /** How to cancel the calls in flight of clients that have a session. */
    private readonly cancels = new Map<string, (reason: string) => void>();

    constructor(forwarder: Forwarder) {
        this.forwarder = forwarder;
    }

    /** Calls that can be cancelled. */
    get openCalls(): number {
        return this.cancels.size;
    }

    /** What makes a message unacceptable whatever it says, with the HTTP status of the refusal. */
    findProblem({ headers }: Exchange): { status: number; message: string } | undefined {
        const version = readHeader(headers, "mcp-protocol-version");
        if (version !== undefined && !isLegacyVersion(version)) {
            return { status: 400, message: `unsupported protocol version '${version}'` };
        }
        const session = readHeader(headers, "mcp-session-id");
        if (session !== undefined && !sessionId.test(session)) {
            return { status: 404, message: "unknown session; send 'initialize' again" };
        }
        return undefined;
    }

    /** Answers one request. */
    async serve(exchange: Exchange, request: RpcRequest): Promise<void> {
        const { id, method } = request;
        if (method === "initialize") {
            await this.initialize(exchange, request);
        } else if (method === "ping") {
            finish(exchange, id, { result: {} });
        } else if (isCarried(method)) {
            await this.forward(exchange, request);
        } else {
            const message = `'${method}' is not available from a server shared by many clients`;
            finish(exchange, id, { error: { code: errorCodes.methodNotFound, message } });
        }
    }

    /** Takes one notification. Only a cancellation concerns the server: the handshake was the bridge's own. */
    notify(exchange: Exchange, { method, params }: RpcNotification): void {
        accept(exchange);
        const { requestId, reason } = params ?? {};
        if (method === "notifications/cancelled" && isRequestId(requestId)) {
            const key = nameCall(exchange, requestId);
            const cancel = key === undefined ? undefined : this.cancels.get(key);
            cancel?.(typeof reason === "string" ? reason : "cancelled by the client");
        }
    }

    private async initialize(exchange: Exchange, request: RpcRequest): Promise<void> {
        const server = await this.forwarder.describe();
        if (server === undefined) {
            this.forwarder.refuse(exchange, request, "the server is not ready; try again");
            return;
        }
        if (!exchange.response.headersSent) {
            exchange.response.setHeader("mcp-session-id", randomUUID());
        }
        const result = buildInitializeResult(server, request.params?.protocolVersion);
        finish(exchange, request.id, { result });
    }

    private async forward(exchange: Exchange, request: RpcRequest): Promise<void> {
        const params = carriedParams(request.params);
        const dialect = createDialect(request.method);
        const cancel = await this.forwarder.forward(exchange, request, params, dialect);
        const key = nameCall(exchange, request.id);
        if (cancel === undefined || key === undefined || exchange.response.writableEnded) {
            return;
        }
        const stop = (reason: string): void => {
            cancel(reason);
            // The client has forgotten the call; this only ends its stream.
            const error = { code: errorCodes.internalError, message: "cancelled by the client" };
            finish(exchange, request.id, { error });
        };
        this.cancels.set(key, stop);
        exchange.response.once("close", () => {
            if (this.cancels.get(key) === stop) {
                this.cancels.delete(key);
            }
        });
    }
}

function createDialect(method: string): Dialect {
    return {
        era: "legacy",
        translate: (outcome) =>
            "error" in outcome ? outcome : { result: carriedResult(method, outcome.result) },
        statusOf: () => 200,
    };
}

/** A call's name among the calls of all clients; undefined for a client without a session. */
function nameCall({ headers, principal }: Exchange, id: RequestId): string | undefined {
    const session = readHeader(headers, "mcp-session-id");
    return session && JSON.stringify([principal.subject, principal.client, session, id]);
}

function isRequestId(value: unknown): value is RequestId {
    return typeof value === "string" || typeof value === "number";
}
