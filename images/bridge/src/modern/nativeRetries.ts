import type { CallRecord } from "../callRecord.ts";
import { isLease, type Lease } from "../child/childPool.ts";
import type { ConnectionHandlers } from "../child/connection.ts";
import { hearNothing, type SharedChild } from "../child/sharedChild.ts";
import { writeNative } from "../era/modern.ts";
import type { Forwarder, Upstream, WriteAnswer } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Plan } from "../isolationPlan.ts";
import type { RpcRequest } from "../jsonRpc.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Upstreams } from "../upstreams.ts";
import { cancelWhenAbandoned } from "./cancelWhenAbandoned.ts";
import { notGood } from "./retries.ts";
import type { RequestState, RequestStates } from "./requestState.ts";

export interface NativeRetriesArgs {
    forwarder: Forwarder;
    upstreams: Upstreams;
    states: RequestStates;
    /** How long a process waits for its client to come back, in milliseconds. */
    lifetime: number;
    handOver: (exchange: Exchange, address: string, onGone: () => void) => boolean;
}

/**
 * Calls to a server that speaks 2026-07-28 itself. Its `requestState` is put into one of the bridge's: that is bound to the
 * caller and names the replica, because the server may know its own state only by the process that made it.
 */
export class NativeRetries {
    private readonly args: NativeRetriesArgs;
    /** Processes of one call that wait for their client, by the name of the round. */
    private readonly held = new Map<string, { lease: Lease; timer: NodeJS.Timeout }>();

    constructor(args: NativeRetriesArgs) {
        this.args = args;
    }

    /** Processes that wait. */
    get size(): number {
        return this.held.size;
    }

    /** Sends a call on, and its answer back. */
    async forward(
        exchange: Exchange,
        request: RpcRequest,
        child: SharedChild,
        record: CallRecord,
        plan: Plan,
    ): Promise<void> {
        const { forwarder, states, handOver } = this.args;
        const { params, id } = request;
        const principal = principalKey(exchange.principal);
        let state: RequestState | undefined;
        let passed = params;
        if (params?.requestState !== undefined) {
            state = states.read(params.requestState, principal, request);
            const refuse = (): void => forwarder.refuse(exchange, id, record, notGood);
            if (state === undefined) {
                refuse();
                return;
            }
            if (handOver(exchange, state.address, refuse)) {
                return;
            }
            states.use(state);
            passed = { ...params, requestState: state.inner };
            if (state.inner === undefined) {
                delete passed.requestState;
            }
        }
        const found = this.takeHeld(state) ?? this.find(child, plan, principal);
        const upstream = found instanceof Promise ? await found : found;
        if (isRefusal(upstream)) {
            forwarder.refuse(exchange, id, record, upstream);
            return;
        }
        const own = isLease(upstream) ? upstream : undefined;
        if (own !== undefined) {
            own.connection.handlers = hearLog(own, exchange);
        }
        let kept = false;
        const write: WriteAnswer = (answerId, outcome, description, line, childId) => {
            if ("error" in outcome || outcome.result.resultType !== "input_required") {
                return writeNative(answerId, outcome, description, line, childId, request.method);
            }
            const { result } = outcome;
            const inner = typeof result.requestState === "string" ? result.requestState : undefined;
            const { nonce, text } = states.create(principal, request, inner);
            kept = own !== undefined && this.hold(nonce, own);
            const wrapped = { result: { ...result, requestState: text } };
            return writeNative(answerId, wrapped, description, undefined, childId, request.method);
        };
        const owner = {
            callOver(): void {
                if (!kept) {
                    own?.release();
                }
            },
        };
        const call = forwarder.forward(
            exchange,
            exchange,
            request,
            passed,
            upstream,
            record,
            write,
            owner,
        );
        cancelWhenAbandoned(exchange, call);
    }

    private find(
        child: SharedChild,
        plan: Plan,
        principal: string | undefined,
    ): Upstream | Refusal | Promise<Upstream | Lease | Refusal> {
        const { upstreams } = this.args;
        switch (plan) {
            case "request":
                return upstreams.lease({}, "modern");
            case "principal":
                return upstreams.ofPrincipal(principal, "modern");
            default: {
                const { description, connection } = child;
                return description ? { connection, description } : upstreams.waitForShared();
            }
        }
    }

    private hold(nonce: string, lease: Lease): boolean {
        const timer = setTimeout(() => {
            this.held.delete(nonce);
            lease.release();
        }, this.args.lifetime);
        timer.unref();
        this.held.set(nonce, { lease, timer });
        return true;
    }

    private takeHeld(state: RequestState | undefined): Lease | undefined {
        const held = state && this.held.get(state.nonce);
        if (state === undefined || held === undefined) {
            return undefined;
        }
        clearTimeout(held.timer);
        this.held.delete(state.nonce);
        return held.lease.connection.over ? undefined : held.lease;
    }
}

/** Brings what a process of one call logs to whoever waits for that call. */
function hearLog({ connection }: Lease, exchange: Exchange): ConnectionHandlers {
    return {
        ...hearNothing(connection, () => undefined),
        onNotification(method, params) {
            if (method === "notifications/message") {
                exchange.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
            }
        },
    };
}
