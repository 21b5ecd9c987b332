import type { Admit } from "../admission.ts";
import type { CallRecord } from "../callRecord.ts";
import { isLease, type Lease } from "../child/childPool.ts";
import { legacyVersions } from "../child/handshake.ts";
import { carriedParams, isCarried } from "../era/carried.ts";
import { isLegacyVersion, writeOwn, writeSharedList } from "../era/legacy.ts";
import type { Upstream } from "../forwarder.ts";
import { finish, readHeader, type Exchange } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import {
    errorCodes,
    isRequestId,
    type JsonObject,
    type RpcNotification,
    type RpcRequest,
} from "../jsonRpc.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Replicas } from "../replicas/replicas.ts";
import { isMessage, takeAnswer, takeNotification } from "./clientMessages.ts";
import { findUpstream } from "./findUpstream.ts";
import { forwardToModern } from "./forwardToModern.ts";
import { initialize, type InitializeArgs } from "./initialize.ts";
import type { Session } from "./session.ts";
import { SessionCall } from "./sessionCall.ts";
import { SessionReply } from "./sessionReply.ts";
import type { SharedMethods } from "./sharedMethods.ts";

export interface LegacyEndpointArgs extends InitializeArgs {
    shared: SharedMethods;
    replicas: Replicas;
    admit: Admit;
}

/** Serves clients of the revisions with an `initialize` handshake, up to 2025-11-25. */
export class LegacyEndpoint {
    private readonly args: LegacyEndpointArgs;

    constructor(args: LegacyEndpointArgs) {
        this.args = args;
    }

    /** Takes one message; `session` is the client's, if it has one. */
    take(exchange: Exchange, session: Session | undefined, message: JsonObject): void {
        const version = readHeader(exchange.headers, "mcp-protocol-version");
        if (version !== undefined && !isLegacyVersion(version)) {
            const reason = `unsupported protocol version '${version}'; supported: ${legacyVersions.join(", ")}`;
            const error = { code: errorCodes.invalidRequest, message: reason };
            finish(exchange, isRequestId(message.id) ? message.id : null, { error }, 400);
        } else if (!isMessage(message)) {
            const error = {
                code: errorCodes.invalidRequest,
                message: "the body is no JSON-RPC message with parameters by name",
            };
            finish(exchange, null, { error }, 400);
        } else if (message.method === undefined) {
            exchange.accept();
            if (!takeAnswer(session, message)) {
                void this.args.replicas.tellOthers(exchange);
            }
        } else if (message.id === undefined) {
            exchange.accept();
            if (!takeNotification(session, message as unknown as RpcNotification)) {
                void this.args.replicas.tellOthers(exchange);
            }
        } else if (!isRequestId(message.id)) {
            const error = {
                code: errorCodes.invalidRequest,
                message: "id: must be a string or a number",
            };
            finish(exchange, null, { error }, 400);
        } else {
            this.serve(exchange, session, message as unknown as RpcRequest);
        }
    }

    private serve(exchange: Exchange, session: Session | undefined, request: RpcRequest): void {
        const { id, method } = request;
        if (method === "initialize") {
            void initialize(this.args, exchange, request);
        } else if (method === "ping") {
            finish(exchange, id, { result: {} });
        } else {
            this.call(exchange, session, request);
        }
    }

    private call(exchange: Exchange, session: Session | undefined, request: RpcRequest): void {
        const record = this.args.forwarder.begin(exchange, request, "legacy");
        const call: OpenCall = { exchange, session, request, record };
        const admitted = this.args.admit(exchange.principal, request);
        if (admitted instanceof Promise) {
            void admitted.then((refusal) => this.proceed(call, refusal));
        } else {
            this.proceed(call, admitted);
        }
    }

    private proceed(call: OpenCall, refusal: ResultRefusal | undefined): void {
        const { exchange, session, request, record } = call;
        if (refusal !== undefined) {
            this.args.forwarder.refuse(exchange, request.id, record, refusal);
            return;
        }
        const reply = session === undefined ? exchange : new SessionReply(session, exchange);
        const upstream = findUpstream(this.args, exchange, session, reply);
        if (upstream instanceof Promise) {
            void upstream.then((found) => this.send(call, reply, found));
        } else {
            this.send(call, reply, upstream);
        }
    }

    private send(call: OpenCall, reply: Reply, upstream: Upstream | Lease | Refusal): void {
        if (isRefusal(upstream)) {
            const { exchange, request, record } = call;
            this.args.forwarder.refuse(exchange, request.id, record, upstream);
        } else {
            this.forward(call, reply, upstream);
        }
    }

    private forward(
        { exchange, session, request, record }: OpenCall,
        reply: Reply,
        upstream: Upstream | Lease,
    ): void {
        const { forwarder, shared } = this.args;
        const { id, method, params } = request;
        const own = isLease(upstream);
        if (!own && !isCarried(method)) {
            shared.serve(exchange, session, request, upstream, record);
            return;
        }
        if (own && session?.listening?.takes(request) === true) {
            finish(exchange, id, { result: session.listening.serve(request) });
            forwarder.end(record, "ok");
            return;
        }
        const single = own && upstream !== session?.lease ? upstream : undefined;
        const call = new SessionCall(id, reply, session, single);
        // A lost connection is no cancellation before 2026-07-28.
        if (upstream.description.era === "modern") {
            call.sent(
                forwardToModern(
                    forwarder,
                    exchange,
                    reply,
                    session,
                    request,
                    upstream,
                    record,
                    call,
                ),
            );
        } else {
            const passed = own ? params : carriedParams(params);
            const write = method === "tools/list" && !own ? writeSharedList : writeOwn;
            call.sent(
                forwarder.forward(exchange, reply, request, passed, upstream, record, write, call),
            );
        }
    }
}

/** A call on its way to a process of the server. */
interface OpenCall {
    exchange: Exchange;
    session: Session | undefined;
    request: RpcRequest;
    record: CallRecord;
}
