import type { CallRecord } from "../callRecord.ts";
import type { Lease } from "../child/childPool.ts";
import { clientInfo, envelope, legacyVersions } from "../child/handshake.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import { carriedParams } from "../era/carried.ts";
import { removeEnvelope, writeTranslated } from "../era/modern.ts";
import type { Forwarder, Upstream } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import { canBeAsked, planRequest, type Plan } from "../isolationPlan.ts";
import { isObject, type JsonObject, type RpcRequest } from "../jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Upstreams } from "../upstreams.ts";
import { cancelWhenAbandoned } from "./cancelWhenAbandoned.ts";
import type { Retries } from "./retries.ts";

export interface CallPlacementArgs {
    isolation: Isolation;
    forwarder: Forwarder;
    upstreams: Upstreams;
    retries: Retries;
}

/** Sends requests of 2026-07-28 to the process that isolation gives them. */
export class CallPlacement {
    private readonly args: CallPlacementArgs;

    constructor(args: CallPlacementArgs) {
        this.args = args;
    }

    /** Whose process serves a request; `native` when that speaks 2026-07-28 itself, and needs no other to ask. */
    plan({ method, params }: RpcRequest, native: boolean): Plan {
        const meta = params?._meta as JsonObject;
        const capabilities = meta[envelope.clientCapabilities];
        const logging = meta[envelope.logLevel] !== undefined && method === "tools/call";
        const particular = logging || (!native && canBeAsked(capabilities));
        return planRequest(this.args.isolation, method, particular);
    }

    /** Sends a request to a server up to 2025-11-25. */
    send(exchange: Exchange, request: RpcRequest, child: SharedChild, record: CallRecord): void {
        const { upstreams, forwarder } = this.args;
        const plan = this.plan(request, false);
        if (plan === "request") {
            void this.lease(exchange, request, record);
        } else if (plan === "principal") {
            const found = upstreams.ofPrincipal(principalKey(exchange.principal), "legacy");
            void found.then((upstream) => {
                if (isRefusal(upstream)) {
                    forwarder.refuse(exchange, request.id, record, upstream);
                } else {
                    this.forward(exchange, request, upstream, record);
                }
            });
        } else {
            const { connection, description } = child;
            if (description !== undefined) {
                this.forward(exchange, request, { connection, description }, record);
            }
        }
    }

    private forward(
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
