import type { Admit } from "../admission.ts";
import type { CallRecord } from "../callRecord.ts";
import { isLease, type Lease } from "../child/childPool.ts";
import { legacyVersions } from "../child/handshake.ts";
import { carriedParams, isCarried } from "../era/carried.ts";
import {
    buildInitializeResult,
    isLegacyVersion,
    negotiateVersion,
    writeOwn,
    writeSharedList,
} from "../era/legacy.ts";
import type { Forwarder, Upstream } from "../forwarder.ts";
import { finish, readHeader, type Exchange } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import { canBeAsked, planSession, type Plan } from "../isolationPlan.ts";
import {
    errorCodes,
    isObject,
    isRequestId,
    type JsonObject,
    type RpcNotification,
    type RpcRequest,
} from "../jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, unavailable, type Refusal } from "../refusal.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Upstreams } from "../upstreams.ts";
import { isMessage, takeAnswer, takeNotification } from "./clientMessages.ts";
import { connectLease } from "./connectLease.ts";
import type { Session } from "./session.ts";
import { SessionCall } from "./sessionCall.ts";
import { SessionReply } from "./sessionReply.ts";
import type { SessionTable } from "./sessionTable.ts";
import type { SharedMethods } from "./sharedMethods.ts";
import { forwardToModern } from "./forwardToModern.ts";

export interface LegacyEndpointArgs {
    isolation: Isolation;
    forwarder: Forwarder;
    upstreams: Upstreams;
    sessions: SessionTable;
    shared: SharedMethods;
    replicas: Replicas;
    admit: Admit;
    /** Whether the program is about to end, so that nothing is begun that outlives a call. */
    draining: () => boolean;
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
            void this.initialize(exchange, request);
        } else if (method === "ping") {
            finish(exchange, id, { result: {} });
        } else {
            this.call(exchange, session, request);
        }
    }

    private async initialize(exchange: Exchange, request: RpcRequest): Promise<void> {
        const { isolation, sessions, draining, forwarder } = this.args;
        const { id, params } = request;
        const capabilities = isObject(params?.capabilities) ? params.capabilities : {};
        const plan = planSession(isolation, capabilities);
        // The session's id is a header, and a server may take long to start.
        exchange.headPending = true;
        const terms = {
            principal: principalKey(exchange.principal),
            protocolVersion: negotiateVersion(params?.protocolVersion),
            capabilities,
            clientInfo: isObject(params?.clientInfo) ? params.clientInfo : {},
        };
        const server =
            plan !== "shared" && draining()
                ? unavailable("this replica is about to end; try again")
                : await this.findServer(plan, terms.principal, {
                      ...params,
                      protocolVersion: terms.protocolVersion,
                      capabilities,
                  });
        if (isRefusal(server)) {
            const record = forwarder.begin(exchange, request, "legacy");
            forwarder.refuse(exchange, id, record, server);
            return;
        }
        if (exchange.over) {
            // The client did not wait for its session, and cannot know of it.
            if (isLease(server)) {
                server.release();
            }
            return;
        }
        // What the client said it can be asked, only this replica knows.
        const asked = server.description.era === "modern" && canBeAsked(capabilities);
        const session = sessions.open({ ...terms, plan }, plan !== "shared" || asked);
        if (isLease(server)) {
            const limit = forwarder.callLimit;
            session.lease = server;
            connectLease(server, session, limit, () => sessions.end(session.id));
        }
        exchange.extraHeaders = ["mcp-session-id", session.id];
        const { description } = server;
        const version =
            plan === "session" && description.era === "legacy"
                ? description.protocolVersion
                : terms.protocolVersion;
        const result = buildInitializeResult(description, version, plan);
        finish(exchange, id, { result });
    }

    /** Finds who can tell what the server is: for a session of its own, the process that it leases. */
    private async findServer(
        plan: Plan,
        principal: string | undefined,
        params: JsonObject,
    ): Promise<Upstream | Lease | Refusal> {
        const { upstreams } = this.args;
        const main = await upstreams.waitForShared();
        if (isRefusal(main) || plan === "shared" || plan === "request") {
            return main;
        }
        const { era } = main.description;
        return plan === "session"
            ? await upstreams.lease(params, era)
            : await upstreams.ofPrincipal(principal, era);
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
        const upstream = this.findUpstream(exchange, session, reply);
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

    private findUpstream(
        exchange: Exchange,
        session: Session | undefined,
        reply: Reply,
    ): Upstream | Refusal | Promise<Upstream | Lease | Refusal> {
        const { isolation, upstreams } = this.args;
        if (session?.lease !== undefined) {
            return session.lease;
        }
        const plan = session?.terms.plan ?? planSession(isolation, {});
        switch (plan) {
            case "shared":
                return upstreams.shared ?? upstreams.waitForShared();
            case "session":
                return sessionNeeded;
            case "principal":
                return this.findServer(plan, principalKey(exchange.principal), {});
            case "request":
                return this.leaseForRequest(session, reply);
        }
    }

    private async leaseForRequest(
        session: Session | undefined,
        reply: Reply,
    ): Promise<Lease | Refusal> {
        const { upstreams, forwarder } = this.args;
        const main = await upstreams.waitForShared();
        if (isRefusal(main)) {
            return main;
        }
        const { protocolVersion, capabilities, clientInfo } = session?.terms ?? nobody;
        const params = { protocolVersion, capabilities, clientInfo };
        const { era } = main.description;
        if (session === undefined) {
            return await upstreams.leaseAlone(params, era);
        }
        const lease = await upstreams.lease(params, era);
        if (!isRefusal(lease)) {
            connectLease(lease, session, forwarder.callLimit, () => lease.release(), reply);
        }
        return lease;
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

const nobody = {
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
