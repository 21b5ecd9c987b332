import type { Admit } from "../../calls/admission.ts";
import { Call, type CallContext, type CallEntry } from "../../calls/call.ts";
import { McpStrategy } from "../../calls/mcpStrategy.ts";
import type { Placement } from "../../calls/placement.ts";
import { canBeAsked, type ProcessScope } from "../../calls/processScope.ts";
import { isLease, type Lease, type Upstream } from "../../processes/childPool.ts";
import { clientInfo, envelope, legacyVersions } from "../../stdio/handshake.ts";
import type { SharedChild } from "../../processes/sharedChild.ts";
import { carriedParams } from "../translate/capabilities.ts";
import { removeEnvelope, writeTranslated } from "../translate/toModern.ts";
import type { Exchange } from "../../http/exchange.ts";
import { errorCodes, isObject, type JsonObject, type RpcRequest } from "../../json/jsonRpc.ts";
import type { ResultRefusal } from "../../policy/toolAnswers.ts";
import { principalKey } from "../../auth/principal.ts";
import { isRefusal, type Refusal } from "../../json/refusal.ts";
import type { ServerProcesses } from "../../processes/serverProcesses.ts";
import type { LegacyMrtr } from "./legacyMrtr.ts";
import type { NativeMrtr } from "./nativeMrtr.ts";
import { badRequest, invalidParams, notReady } from "./requestRefusal.ts";

export interface ModernCallsArgs {
    context: CallContext;
    upstreams: ServerProcesses;
    legacyMrtr: LegacyMrtr;
    nativeMrtr: NativeMrtr;
    placement: Placement;
    admit: Admit;
    /** Finds an `Mcp-Param-*` header that is not what the body says; at once when the tool is known. */
    findParamProblem: (
        exchange: Exchange,
        request: RpcRequest,
    ) => string | undefined | Promise<string | undefined>;
}

/** Answers of a server up to 2025-11-25. */
const translated = new McpStrategy(writeTranslated);

/**
 * Requests of 2026-07-28 for the server: each is admitted, checked, placed and sent. Step by step, because each step may
 * have to wait but hardly ever does.
 */
export class ModernCalls {
    private readonly args: ModernCallsArgs;
    private readonly entry: CallEntry;

    constructor(args: ModernCallsArgs) {
        this.args = args;
        this.entry = { context: args.context, era: "modern", strategy: translated };
    }

    /** Takes one request for the server. */
    take(exchange: Exchange, request: RpcRequest): void {
        const call = this.open(exchange, request);
        const admitted = this.args.admit(exchange.principal, request);
        if (admitted instanceof Promise) {
            void admitted.then((refusal) => this.checkParams(exchange, call, refusal));
        } else {
            this.checkParams(exchange, call, admitted);
        }
    }

    /** Refuses a request that is no call of the server. */
    refuse(exchange: Exchange, request: RpcRequest, refusal: Refusal): void {
        this.open(exchange, request).refuse(refusal);
    }

    /** Answers a request that is no call of the server with what the bridge knows itself. */
    complete(exchange: Exchange, request: RpcRequest, result: JsonObject): void {
        const call = this.open(exchange, request);
        if (exchange.over) {
            call.cancel("the client closed the stream");
        } else {
            call.complete(result);
        }
    }

    private open(exchange: Exchange, request: RpcRequest): Call {
        return new Call(this.entry, exchange, exchange, request);
    }

    private checkParams(exchange: Exchange, call: Call, refusal: ResultRefusal | undefined): void {
        if (refusal !== undefined) {
            call.refuse(refusal);
            return;
        }
        const problem = this.args.findParamProblem(exchange, call.request);
        if (problem instanceof Promise) {
            void problem.then((found) => this.findChild(exchange, call, found));
        } else {
            this.findChild(exchange, call, problem);
        }
    }

    private findChild(exchange: Exchange, call: Call, problem: string | undefined): void {
        if (problem !== undefined) {
            call.refuse(badRequest(errorCodes.headerMismatch, problem));
            return;
        }
        const child = this.args.upstreams.modern();
        if (child instanceof Promise) {
            void child.then((found) => this.route(exchange, call, found));
        } else {
            this.route(exchange, call, child);
        }
    }

    private route(exchange: Exchange, call: Call, child: SharedChild): void {
        const { description } = child;
        const { legacyMrtr, nativeMrtr } = this.args;
        const { params } = call.request;
        const given = params?.inputResponses;
        if (description === undefined) {
            call.refuse(notReady);
        } else if (exchange.over) {
            call.cancel("the client closed the stream");
        } else if (given !== undefined && !isObject(given)) {
            const message = "params.inputResponses: must be an object, by the keys of the requests";
            call.refuse(invalidParams(message));
        } else if (description.era === "modern" && !legacyMrtr.holds(call)) {
            const shared = { connection: child.connection, description };
            nativeMrtr.forward(exchange, call, () => this.place(call, shared));
        } else if (params?.requestState !== undefined) {
            legacyMrtr.resume(exchange, call);
        } else {
            this.translate(exchange, call, { connection: child.connection, description });
        }
    }

    /** Finds the process that serves a call. */
    private place(call: Call, shared: Upstream): Upstream | Promise<Upstream | Lease | Refusal> {
        const { placement } = this.args;
        const { principal } = call.record;
        const plan = this.plan(call.request, shared);
        if (plan !== "request") {
            return placement.find(plan, shared, { principal, handshake: {} });
        }
        const { capabilities, info } = readEnvelope(call.request);
        const name = principalKey(principal);
        const legacy = shared.description.era === "legacy";
        return placement.find(plan, shared, {
            principal,
            handshake: {
                protocolVersion: legacyVersions[0],
                capabilities,
                clientInfo: isObject(info) ? info : clientInfo,
            },
            // A known caller may get the same process again, unless each request is to have a new one.
            key:
                legacy && placement.reuses && name !== undefined
                    ? JSON.stringify([name, capabilities])
                    : undefined,
        });
    }

    private plan({ method, params }: RpcRequest, { description }: Upstream): ProcessScope {
        const meta = params?._meta as JsonObject;
        const logging = meta[envelope.logLevel] !== undefined && method === "tools/call";
        // A server from 2026-07-28 on needs no process of its own to ask.
        const asks = description.era === "legacy" && canBeAsked(meta[envelope.clientCapabilities]);
        return this.args.placement.planRequest(method, logging || asks);
    }

    /** Sends a call to a server up to 2025-11-25. */
    private translate(exchange: Exchange, call: Call, shared: Upstream): void {
        const found = this.place(call, shared);
        if (found instanceof Promise) {
            void found.then((upstream) => this.sendTranslated(exchange, call, upstream));
        } else {
            this.sendTranslated(exchange, call, found);
        }
    }

    private sendTranslated(
        exchange: Exchange,
        call: Call,
        upstream: Upstream | Lease | Refusal,
    ): void {
        if (isRefusal(upstream)) {
            call.refuse(upstream);
            return;
        }
        const leased = isLease(upstream);
        if (exchange.over) {
            call.lease = leased ? upstream : undefined;
            call.cancel("the client closed the stream");
            return;
        }
        exchange.call = call;
        if (leased) {
            const { capabilities, level } = readEnvelope(call.request);
            this.args.legacyMrtr.begin(call, upstream, capabilities, level);
        } else {
            call.send(upstream, removeEnvelope(carriedParams(call.request.params)));
        }
    }
}

/** What a request says of its client. */
function readEnvelope({ params }: RpcRequest) {
    const meta = params?._meta as JsonObject;
    const declared = meta[envelope.clientCapabilities];
    const level = meta[envelope.logLevel];
    return {
        capabilities: isObject(declared) ? declared : {},
        info: meta[envelope.clientInfo],
        level: typeof level === "string" ? level : undefined,
    };
}
