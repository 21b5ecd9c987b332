import { carriedParams, carriedResult, isCarried } from "./era/carried.ts";
import {
    buildDiscoverResult,
    completeResult,
    modernVersions,
    removeEnvelope,
    statusOf,
    translateError,
} from "./era/modern.ts";
import { findHeaderProblem } from "./era/standardHeaders.ts";
import type { Dialect, Forwarder } from "./forwarder.ts";
import { accept, finish, readHeader, type Exchange } from "./http/exchange.ts";
import { errorCodes, type RpcError, type RpcRequest } from "./jsonRpc.ts";
import type { ListenStreams } from "./listenStreams.ts";

/** Serves clients of the revisions without a handshake, from 2026-07-28 on. */
export class ModernRequests {
    private readonly forwarder: Forwarder;
    private readonly streams: ListenStreams;

    constructor(forwarder: Forwarder, streams: ListenStreams) {
        this.forwarder = forwarder;
        this.streams = streams;
    }

    /** Answers one request. */
    async serve(
        exchange: Exchange,
        request: RpcRequest,
        revision: string | undefined,
    ): Promise<void> {
        const refusal = findRefusal(exchange, request, revision);
        if (refusal !== undefined) {
            const outcome = { error: refusal };
            finish(exchange, request.id, outcome, statusOf(outcome));
        } else if (request.method === "server/discover") {
            await this.discover(exchange, request);
        } else if (request.method === "subscriptions/listen") {
            await this.listen(exchange, request);
        } else {
            await this.forward(exchange, request);
        }
    }

    /** Takes one notification. Cancelling is closing the stream in this era, so none concerns the server. */
    notify(exchange: Exchange): void {
        accept(exchange);
    }

    private async discover(exchange: Exchange, request: RpcRequest): Promise<void> {
        const server = await this.forwarder.describe();
        if (server === undefined) {
            this.forwarder.refuse(exchange, request, "the server is not ready; try again");
            return;
        }
        finish(exchange, request.id, { result: buildDiscoverResult(server) });
    }

    private async listen(exchange: Exchange, request: RpcRequest): Promise<void> {
        const server = await this.forwarder.describe();
        if (server === undefined) {
            this.forwarder.refuse(exchange, request, "the server is not ready; try again");
            return;
        }
        this.streams.open(exchange, request, server);
    }

    private async forward(exchange: Exchange, request: RpcRequest): Promise<void> {
        const params = removeEnvelope(carriedParams(request.params));
        const dialect = createDialect(request.method);
        const cancel = await this.forwarder.forward(exchange, request, params, dialect);
        if (cancel === undefined) {
            return;
        }
        if (exchange.response.destroyed) {
            cancel("the client closed the stream");
        } else {
            exchange.answer.onAbandoned(() => cancel("the client closed the stream"));
        }
    }
}

function findRefusal(
    { headers }: Exchange,
    { method, params }: RpcRequest,
    revision: string | undefined,
): RpcError | undefined {
    if (revision === undefined || !modernVersions.includes(revision)) {
        return {
            code: errorCodes.unsupportedVersion,
            message: `unsupported protocol version '${revision ?? ""}'`,
            data: { supported: modernVersions, requested: revision },
        };
    }
    const problem = findHeaderProblem(
        {
            protocolVersion: readHeader(headers, "mcp-protocol-version"),
            method: readHeader(headers, "mcp-method"),
            name: readHeader(headers, "mcp-name"),
        },
        method,
        params,
    );
    if (problem !== undefined) {
        return { code: errorCodes.headerMismatch, message: problem };
    }
    // 2026-07-28 has no `ping`: whether a server is there is what every call tells.
    return method === "ping" || !isCarried(method)
        ? { code: errorCodes.methodNotFound, message: `unknown method '${method}'` }
        : undefined;
}

function createDialect(method: string): Dialect {
    return {
        era: "modern",
        translate: (outcome, { serverInfo }) =>
            "error" in outcome
                ? { error: translateError(outcome.error) }
                : {
                      result: completeResult(
                          method,
                          carriedResult(method, outcome.result),
                          serverInfo,
                      ),
                  },
        statusOf,
    };
}
