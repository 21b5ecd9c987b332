import type { Admit } from "../admission.ts";
import type { CallRecord } from "../callRecord.ts";
import type { Lease } from "../child/childPool.ts";
import { clientInfo, envelope, legacyVersions } from "../child/handshake.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import { carriedParams } from "../era/carried.ts";
import { buildDiscoverResult, writeTranslated, removeEnvelope, statusOf } from "../era/modern.ts";
import type { Forwarder, Upstream } from "../forwarder.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import { canBeAsked, planRequest, type Plan } from "../isolationPlan.ts";
import { errorCodes, isObject, type JsonObject, type RpcRequest } from "../jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Upstreams } from "../upstreams.ts";
import { cancelWhenAbandoned } from "./cancelWhenAbandoned.ts";
import type { ListenStreams } from "./listenStreams.ts";
import type { NativeRetries } from "./nativeRetries.ts";
import { badRequest, findRefusal, invalidParams, notReady } from "./requestRefusal.ts";
import type { Retries } from "./retries.ts";

export interface ModernEndpointArgs {
    isolation: Isolation;
    forwarder: Forwarder;
    upstreams: Upstreams;
    streams: ListenStreams;
    retries: Retries;
    natives: NativeRetries;
    admit: Admit;
    /** Prepares for the first call by a process of its own. */
    warmUp: () => void;
    /** Finds an `Mcp-Param-*` header that is not what the body says; at once when the tool is known. */
    findParamProblem: (
        exchange: Exchange,
        request: RpcRequest,
    ) => string | undefined | Promise<string | undefined>;
}

/** Serves clients of the revisions without a handshake, from 2026-07-28 on. */
export class ModernEndpoint {
    private readonly args: ModernEndpointArgs;

    constructor(args: ModernEndpointArgs) {
        this.args = args;
    }

    /** Takes one notification. Cancelling is closing the stream in this era, so none concerns the server. */
    notify(exchange: Exchange): void {
        exchange.accept();
    }

    /** Answers one request. */
    serve(exchange: Exchange, request: RpcRequest, revision: string | undefined): void {
        // Any client of this era may come back with something that the server can ask it.
        this.args.warmUp();
        const error = findRefusal(exchange, request, revision);
        if (error !== undefined) {
            finish(exchange, request.id, { error }, statusOf({ error }));
        } else if (request.method === "server/discover") {
            void this.discover(exchange, request);
        } else if (request.method === "subscriptions/listen") {
            void this.listen(exchange, request);
        } else {
            this.call(exchange, request);
        }
    }

    private async discover(exchange: Exchange, request: RpcRequest): Promise<void> {
        const child = await this.args.upstreams.modern();
        const { description } = child;
        if (description === undefined) {
            this.refuseNotReady(exchange, request);
            return;
        }
        const silent = this.planListening(request) === "request";
        finish(exchange, request.id, { result: buildDiscoverResult(description, silent) });
    }

    private async listen(exchange: Exchange, request: RpcRequest): Promise<void> {
        const { upstreams, streams, forwarder } = this.args;
        const child = await upstreams.modern();
        const { description } = child;
        const plan = this.planListening(request);
        if (description === undefined) {
            this.refuseNotReady(exchange, request);
            return;
        }
        if (plan === "request") {
            streams.openSilent(exchange, request, description);
            return;
        }
        const heard =
            plan === "principal"
                ? await upstreams.ofPrincipal(principalKey(exchange.principal), description.era)
                : child;
        if (isRefusal(heard)) {
            const record = forwarder.begin(exchange, request, "modern");
            forwarder.refuse(exchange, request.id, record, heard);
        } else if (!exchange.over) {
            streams.open(exchange, request, heard, description);
        }
    }

    /** Whose process a client can hear of: what is about no call wants nothing particular. */
    private planListening({ method }: RpcRequest): Plan {
        return planRequest(this.args.isolation, method, false);
    }

    private refuseNotReady(exchange: Exchange, request: RpcRequest): void {
        const record = this.args.forwarder.begin(exchange, request, "modern");
        this.args.forwarder.refuse(exchange, request.id, record, notReady);
    }

    private call(exchange: Exchange, request: RpcRequest): void {
        const { admit, forwarder } = this.args;
        const record = forwarder.begin(exchange, request, "modern");
        const admitted = admit(exchange.principal, request);
        if (admitted instanceof Promise) {
            void admitted.then((refusal) => this.checkParams(exchange, request, record, refusal));
        } else {
            this.checkParams(exchange, request, record, admitted);
        }
    }

    private checkParams(
        exchange: Exchange,
        request: RpcRequest,
        record: CallRecord,
        refusal: ResultRefusal | undefined,
    ): void {
        const { forwarder, findParamProblem } = this.args;
        if (refusal !== undefined) {
            forwarder.refuse(exchange, request.id, record, refusal);
            return;
        }
        const problem = findParamProblem(exchange, request);
        if (problem instanceof Promise) {
            void problem.then((found) => this.findChild(exchange, request, record, found));
        } else {
            this.findChild(exchange, request, record, problem);
        }
    }

    private findChild(
        exchange: Exchange,
        request: RpcRequest,
        record: CallRecord,
        problem: string | undefined,
    ): void {
        const { forwarder, upstreams } = this.args;
        if (problem !== undefined) {
            const refusal = badRequest(errorCodes.headerMismatch, problem);
            forwarder.refuse(exchange, request.id, record, refusal);
            return;
        }
        const child = upstreams.modern();
        if (child instanceof Promise) {
            void child.then((found) => this.route(exchange, request, found, record));
        } else {
            this.route(exchange, request, child, record);
        }
    }

    private route(
        exchange: Exchange,
        request: RpcRequest,
        child: SharedChild,
        record: CallRecord,
    ): void {
        const { description } = child;
        const { forwarder, retries, natives } = this.args;
        const { params, id } = request;
        if (description === undefined) {
            forwarder.refuse(exchange, id, record, notReady);
            return;
        }
        if (exchange.over) {
            forwarder.end(record, "cancelled");
            return;
        }
        const given = params?.inputResponses;
        if (given !== undefined && !isObject(given)) {
            const message = "params.inputResponses: must be an object, by the keys of the requests";
            forwarder.refuse(exchange, id, record, invalidParams(message));
        } else if (description.era === "modern") {
            void natives.forward(exchange, request, child, record, this.planFor(request, true));
        } else if (params?.requestState !== undefined) {
            retries.resume(exchange, request, record);
        } else {
            this.forward(exchange, request, child, record);
        }
    }

    private planFor({ method, params }: RpcRequest, native: boolean): Plan {
        const meta = params?._meta as JsonObject;
        const capabilities = meta[envelope.clientCapabilities];
        const logging = meta[envelope.logLevel] !== undefined && method === "tools/call";
        const particular = logging || (!native && canBeAsked(capabilities));
        return planRequest(this.args.isolation, method, particular);
    }

    private forward(
        exchange: Exchange,
        request: RpcRequest,
        child: SharedChild,
        record: CallRecord,
    ): void {
        const { upstreams, forwarder } = this.args;
        const plan = this.planFor(request, false);
        if (plan === "request") {
            void this.lease(exchange, request, record);
        } else if (plan === "principal") {
            const found = upstreams.ofPrincipal(principalKey(exchange.principal), "legacy");
            void found.then((upstream) => {
                if (isRefusal(upstream)) {
                    forwarder.refuse(exchange, request.id, record, upstream);
                } else {
                    this.send(exchange, request, upstream, record);
                }
            });
        } else {
            const { connection, description } = child;
            if (description !== undefined) {
                this.send(exchange, request, { connection, description }, record);
            }
        }
    }

    private send(
        exchange: Exchange,
        request: RpcRequest,
        upstream: Upstream,
        record: CallRecord,
    ): void {
        const params = removeEnvelope(carriedParams(request.params));
        const call = this.args.forwarder.forward(
            exchange,
            exchange,
            request,
            params,
            upstream,
            record,
            writeTranslated,
        );
        cancelWhenAbandoned(exchange, call);
    }

    private async lease(
        exchange: Exchange,
        request: RpcRequest,
        record: CallRecord,
    ): Promise<void> {
        const { upstreams, forwarder, retries, isolation } = this.args;
        const meta = request.params?._meta as JsonObject;
        const declared = meta[envelope.clientCapabilities];
        const capabilities = isObject(declared) ? declared : {};
        const info = meta[envelope.clientInfo];
        const principal = principalKey(exchange.principal);
        // A known caller may get the same process again, unless each request is to have a new one.
        const key =
            isolation === "auto" && principal !== undefined
                ? JSON.stringify([principal, capabilities])
                : undefined;
        const params = {
            protocolVersion: legacyVersions[0],
            capabilities,
            clientInfo: isObject(info) ? info : clientInfo,
        };
        const lease: Lease | Refusal = await upstreams.lease(params, "legacy", key);
        if (isRefusal(lease)) {
            forwarder.refuse(exchange, request.id, record, lease);
        } else if (exchange.over) {
            lease.release();
            forwarder.end(record, "cancelled");
        } else {
            const level = meta[envelope.logLevel];
            retries.begin(
                lease,
                { exchange, request, record },
                capabilities,
                typeof level === "string" ? level : undefined,
            );
        }
    }
}
