import type { CallRecord } from "../callRecord.ts";
import { isLease, type Lease } from "../child/childPool.ts";
import type { SharedChild } from "../child/sharedChild.ts";
import { writeNative } from "../era/modern.ts";
import type { Forwarder, Upstream, WriteAnswer } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Plan } from "../isolationPlan.ts";
import type { JsonObject, RpcRequest } from "../jsonRpc.ts";
import { principalKey } from "../principal.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Upstreams } from "../upstreams.ts";
import { cancelWhenAbandoned } from "./cancelWhenAbandoned.ts";
import { HeldProcess } from "./heldProcess.ts";
import { asksClient, NativeLeasedCall } from "./nativeLeasedCall.ts";
import type { ParkedCalls } from "./parkedCalls.ts";
import type { RequestState, RequestStates } from "./requestState.ts";
import { notGood } from "./retries.ts";
import type { Round } from "./round.ts";

export interface NativeRetriesArgs {
    forwarder: Forwarder;
    upstreams: Upstreams;
    states: RequestStates;
    /** Has room for processes that wait for their client, among the other calls that do. */
    parked: ParkedCalls;
    handOver: (exchange: Exchange, address: string, onGone: () => void) => boolean;
}

/** One HTTP request of a call, and what the client brought back with it. */
interface NativeRound extends Round {
    /** Good for this round alone, unless that is refused. */
    state: RequestState | undefined;
}

/**
 * Calls to a server that speaks 2026-07-28 itself. Its `requestState` is put into one of the bridge's: that is bound to the
 * caller and names the replica, because the server may know its own state only by the process that made it.
 */
export class NativeRetries {
    private readonly args: NativeRetriesArgs;

    constructor(args: NativeRetriesArgs) {
        this.args = args;
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
            // At once, so that nobody else comes with it while a process is found.
            states.use(state);
        }
        const found = this.takeHeld(state) ?? this.find(child, plan, principal);
        const upstream = found instanceof Promise ? await found : found;
        this.send({ exchange, request, record, state }, upstream);
    }

    private send(round: NativeRound, upstream: Upstream | Lease | Refusal): void {
        const { exchange, request, record } = round;
        const { forwarder } = this.args;
        if (isRefusal(upstream)) {
            this.giveBack(round);
            forwarder.refuse(exchange, request.id, record, upstream);
        } else if (exchange.over) {
            this.giveBack(round);
            if (isLease(upstream)) {
                upstream.release();
            }
            forwarder.end(record, "cancelled");
        } else if (isLease(upstream)) {
            this.sendAlone(round, upstream);
        } else {
            this.sendShared(round, upstream);
        }
    }

    private sendShared(round: NativeRound, upstream: Upstream): void {
        const { forwarder } = this.args;
        const { exchange, request, record } = round;
        const params = restoreState(round);
        const write: WriteAnswer = (id, outcome, description, line, childId, method) => {
            if (!asksClient(outcome)) {
                return writeNative(id, outcome, description, line, childId, method);
            }
            const wrapped = { result: this.wrap(round, outcome.result).result };
            return writeNative(id, wrapped, description, undefined, childId, method);
        };
        const call = forwarder.forward(
            exchange,
            exchange,
            request,
            params,
            upstream,
            record,
            write,
        );
        if (call === undefined) {
            this.giveBack(round);
        }
        cancelWhenAbandoned(exchange, call);
    }

    private sendAlone(round: NativeRound, lease: Lease): void {
        const { forwarder, parked } = this.args;
        const { exchange, request, record } = round;
        const hold = (asked: JsonObject): JsonObject | undefined => {
            if (parked.full) {
                return undefined;
            }
            const { nonce, result } = this.wrap(round, asked);
            parked.add(nonce, new HeldProcess(lease, () => parked.remove(nonce)));
            return result;
        };
        const call = new NativeLeasedCall({
            lease,
            forwarder,
            exchange,
            request,
            record,
            hold,
            onRefused: () => this.giveBack(round),
        });
        call.send(restoreState(round));
        cancelWhenAbandoned(exchange, call);
    }

    /** A result that asks the client, with the server's state in one of the bridge's. */
    private wrap({ exchange, request }: NativeRound, result: JsonObject) {
        const inner = typeof result.requestState === "string" ? result.requestState : undefined;
        const principal = principalKey(exchange.principal);
        const { nonce, text } = this.args.states.create(principal, request, inner);
        return { nonce, result: { ...result, requestState: text } };
    }

    private giveBack({ state }: NativeRound): void {
        if (state !== undefined) {
            this.args.states.giveBack(state);
        }
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

    /** The process that asked what the client answers now. */
    private takeHeld(state: RequestState | undefined): Lease | undefined {
        const { parked } = this.args;
        const held = state && parked.find(state.nonce);
        if (state === undefined || !(held instanceof HeldProcess)) {
            return undefined;
        }
        parked.remove(state.nonce);
        return held.lease;
    }
}

/** The parameters of a request, with the server's own state where the client brought the bridge's. */
function restoreState({ request: { params }, state }: NativeRound): JsonObject | undefined {
    if (state === undefined) {
        return params;
    }
    const restored = { ...params, requestState: state.inner };
    if (state.inner === undefined) {
        delete restored.requestState;
    }
    return restored;
}
