import type { Admit } from "../admission.ts";
import type { CallRecord } from "../callRecord.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import type { Forwarder } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import { errorCodes, isObject, type RpcRequest } from "../jsonRpc.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import type { Upstreams } from "../upstreams.ts";
import type { CallPlacement } from "./callPlacement.ts";
import type { NativeRetries } from "./nativeRetries.ts";
import { badRequest, invalidParams, notReady } from "./requestRefusal.ts";
import type { Retries } from "./retries.ts";

export interface ModernCallsArgs {
    forwarder: Forwarder;
    upstreams: Upstreams;
    retries: Retries;
    natives: NativeRetries;
    placement: CallPlacement;
    admit: Admit;
    /** Finds an `Mcp-Param-*` header that is not what the body says; at once when the tool is known. */
    findParamProblem: (
        exchange: Exchange,
        request: RpcRequest,
    ) => string | undefined | Promise<string | undefined>;
}

/**
 * Requests of 2026-07-28 for the server: each is admitted, checked, and given to whoever can go on with it. Step by step,
 * because each step may have to wait but hardly ever does.
 */
export class ModernCalls {
    private readonly args: ModernCallsArgs;

    constructor(args: ModernCallsArgs) {
        this.args = args;
    }

    /** Takes one request for the server. */
    take(exchange: Exchange, request: RpcRequest): void {
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
        const { forwarder, retries, natives, placement } = this.args;
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
            void natives.forward(exchange, request, child, record, placement.plan(request, true));
        } else if (params?.requestState !== undefined) {
            retries.resume(exchange, request, record);
        } else {
            placement.send(exchange, request, child, record);
        }
    }
}
