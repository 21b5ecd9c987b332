// Over 200 lines because it is the whole way of a message from a client up to 2025-11-25 to its call.
import type { Admit } from "../../calls/admission.ts";
import { Call, type CallContext, type CallEntry } from "../../calls/call.ts";
import { McpStrategy } from "../../calls/mcpStrategy.ts";
import { isLease, type Lease, type Upstream } from "../../processes/childPool.ts";
import { legacyVersions } from "../../stdio/handshake.ts";
import { carriedParams, isForwardable } from "../translate/capabilities.ts";
import { isLegacyVersion, writeOwn, writeSharedList } from "../translate/toLegacy.ts";
import { finish, readHeader, type Exchange } from "../../http/exchange.ts";
import {
    errorCodes,
    isRequestId,
    type JsonObject,
    type Outcome,
    type RpcNotification,
    type RpcRequest,
} from "../../json/jsonRpc.ts";
import type { ResultRefusal } from "../../policy/toolAnswers.ts";
import { isRefusal, type Refusal } from "../../json/refusal.ts";
import type { Replicas } from "../../replicas/replicas.ts";
import { isMessage, takeAnswer, takeNotification } from "./clientMessages.ts";
import { connectLease } from "./connectLease.ts";
import { initialize, type InitializeArgs } from "./initialize.ts";
import { ModernServerStrategy } from "./modernServerStrategy.ts";
import type { Session } from "./session.ts";
import { SessionReply } from "./sessionReply.ts";
import type { SharedMethods } from "./sharedMethods.ts";

/** Answers as the server said it. */
const own = new McpStrategy(writeOwn);
/** Answers a list of tools of a process that many share. */
const sharedList = new McpStrategy(writeSharedList);

export interface LegacyEndpointArgs extends Omit<InitializeArgs, "entry"> {
    context: CallContext;
    shared: SharedMethods;
    replicas: Replicas;
    admit: Admit;
}

/** Serves clients of the revisions with an `initialize` handshake, up to 2025-11-25. */
export class LegacyEndpoint {
    private readonly args: LegacyEndpointArgs;
    private readonly entry: CallEntry;

    constructor(args: LegacyEndpointArgs) {
        this.args = args;
        this.entry = { context: args.context, era: "legacy", strategy: own };
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
                void this.args.replicas.broadcast(exchange);
            }
        } else if (message.id === undefined) {
            exchange.accept();
            if (!takeNotification(session, message as unknown as RpcNotification)) {
                void this.args.replicas.broadcast(exchange);
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
            void initialize({ ...this.args, entry: this.entry }, exchange, request);
        } else if (method === "ping") {
            finish(exchange, id, { result: {} });
        } else {
            this.call(exchange, session, request);
        }
    }

    private call(exchange: Exchange, session: Session | undefined, request: RpcRequest): void {
        const reply = session === undefined ? exchange : new SessionReply(session, exchange);
        const call = new Call(this.entry, exchange, reply, request);
        session?.addCall(call);
        const admitted = this.args.admit(exchange.principal, request);
        if (admitted instanceof Promise) {
            void admitted.then((refusal) => this.place(call, exchange, session, refusal));
        } else {
            this.place(call, exchange, session, admitted);
        }
    }

    private place(
        call: Call,
        exchange: Exchange,
        session: Session | undefined,
        refusal: ResultRefusal | undefined,
    ): void {
        const upstream = refusal ?? this.findProcess(exchange, session);
        if (upstream instanceof Promise) {
            void upstream.then((found) => this.send(call, exchange, session, found));
        } else {
            this.send(call, exchange, session, upstream);
        }
    }

    private findProcess(
        exchange: Exchange,
        session: Session | undefined,
    ): Upstream | Refusal | Promise<Upstream | Lease | Refusal> {
        const { placement } = this.args;
        if (session?.lease !== undefined) {
            return session.lease;
        }
        const plan = session?.terms.plan ?? placement.planSession({});
        if (plan === "session") {
            return sessionNeeded;
        }
        if (plan === "shared") {
            // At once, without what only a process of its own is told.
            return placement.shared;
        }
        const { protocolVersion, capabilities, clientInfo } = session?.terms ?? unknownClient;
        return placement.find(plan, placement.shared, {
            principal: exchange.principal,
            handshake: { protocolVersion, capabilities, clientInfo },
            attended: session !== undefined,
        });
    }

    private send(
        call: Call,
        exchange: Exchange,
        session: Session | undefined,
        upstream: Upstream | Lease | Refusal,
    ): void {
        if (isRefusal(upstream)) {
            call.refuse(upstream);
            return;
        }
        const { request, reply } = call;
        const isOwn = isLease(upstream);
        if (call.over) {
            // Cancelled while its process was found.
            if (isOwn && upstream !== session?.lease) {
                upstream.release();
            }
            return;
        }
        if (isOwn && upstream !== session?.lease) {
            call.lease = upstream;
            if (session !== undefined) {
                const limit = this.args.context.callLimit;
                const onExit = (): void => upstream.release();
                connectLease(upstream, session, { limit, onExit, reply });
            }
        }
        if (!isOwn && !isForwardable(request.method)) {
            this.args.shared.serve(call, exchange, session, upstream);
        } else if (isOwn && session?.listening?.takes(request) === true) {
            void answerLater(call, session.listening.serve(request));
        } else {
            forward(call, session, upstream);
        }
    }
}

/** Answers a call, unless it was cancelled until then. */
async function answerLater(call: Call, outcome: Promise<Outcome>): Promise<void> {
    const known = await outcome;
    if (!call.over) {
        call.answer(known);
    }
}

/** Sends a call to its process. A lost connection is no cancellation before 2026-07-28. */
function forward(call: Call, session: Session | undefined, upstream: Upstream | Lease): void {
    const { request } = call;
    if (upstream.description.era === "modern") {
        const strategy = new ModernServerStrategy(session, upstream);
        call.send(upstream, strategy.buildParams(request), strategy);
    } else if (isLease(upstream)) {
        call.send(upstream, request.params, own);
    } else {
        const strategy = request.method === "tools/list" ? sharedList : own;
        call.send(upstream, carriedParams(request.params), strategy);
    }
}

const unknownClient = {
    protocolVersion: legacyVersions[0],
    capabilities: {},
    clientInfo: { name: "unknown", version: "0" },
};

const sessionNeeded: Refusal = {
    status: 400,
    error: {
        code: errorCodes.invalidRequest,
        message:
            "this server gives each session a process of its own; send 'initialize' first, then the header 'Mcp-Session-Id'",
    },
};
