import type { Call, CallStrategy } from "../../calls/call.ts";
import { McpStrategy } from "../../calls/mcpStrategy.ts";
import { isLease, type Lease, type Upstream } from "../../processes/childPool.ts";
import type { ConnectionHandlers } from "../../stdio/connectionHandlers.ts";
import { rejectServerRequests } from "../../processes/sharedChild.ts";
import { writeNative } from "../translate/toModern.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { JsonObject, Outcome } from "../../json/jsonRpc.ts";
import { principalKey } from "../../auth/principal.ts";
import { isRefusal, type Refusal } from "../../json/refusal.ts";
import { notGood } from "./legacyMrtr.ts";
import { noRoom, type ParkedCalls } from "./parkedCalls.ts";
import { ParkedLease } from "./parkedLease.ts";
import type { RequestState, RequestStates } from "./requestState.ts";

export interface NativeMrtrArgs {
    states: RequestStates;
    /** Has room for processes that wait for their client, among the other calls that do. */
    parked: ParkedCalls;
    /** Gives an HTTP request to the replica that waits for it. False when this is that one. */
    proxyTo: (exchange: Exchange, address: string, onGone: () => void) => boolean;
}

/** Finds the process for a call that no process waits for. */
type FindProcess = () => Upstream | Refusal | Promise<Upstream | Lease | Refusal>;

/**
 * Multi-round-trip requests to a server that speaks 2026-07-28 itself. Its `requestState` is put into one of the bridge's:
 * that is bound to the caller and names the replica, because the server may know its own state only by the process that
 * made it.
 */
export class NativeMrtr {
    private readonly args: NativeMrtrArgs;

    constructor(args: NativeMrtrArgs) {
        this.args = args;
    }

    /** Sends a call on, to the process that waits for what the client brings, or to the one that `find` gives. */
    forward(exchange: Exchange, call: Call, find: FindProcess): void {
        const { states, proxyTo } = this.args;
        const { request, record } = call;
        let state: RequestState | undefined;
        if (request.params?.requestState !== undefined) {
            const principal = principalKey(record.principal);
            state = states.read(request.params.requestState, principal, request);
            const refuse = (): void => call.refuse(notGood);
            if (state === undefined) {
                refuse();
                return;
            }
            if (proxyTo(exchange, state.address, refuse)) {
                return;
            }
            // At once, so that nobody else comes with it while a process is found.
            states.use(state);
        }
        const round = new MrtrRound(this.args, state);
        const found = this.takeParked(state) ?? find();
        if (found instanceof Promise) {
            void found.then((upstream) => round.send(exchange, call, upstream));
        } else {
            round.send(exchange, call, found);
        }
    }

    /** The process that asked what the client answers now. */
    private takeParked(state: RequestState | undefined): Lease | undefined {
        const { parked } = this.args;
        const waiting = state && parked.find(state.nonce);
        if (state === undefined || !(waiting instanceof ParkedLease)) {
            return undefined;
        }
        parked.remove(state.nonce);
        return waiting.lease;
    }
}

/** One HTTP request of a call, and what the client brought back with it. */
class MrtrRound extends McpStrategy implements CallStrategy {
    private readonly args: NativeMrtrArgs;
    /** Good for this round alone, unless that is refused. */
    private readonly state: RequestState | undefined;

    constructor(args: NativeMrtrArgs, state: RequestState | undefined) {
        super(writeNative);
        this.args = args;
        this.state = state;
    }

    send(exchange: Exchange, call: Call, upstream: Upstream | Lease | Refusal): void {
        if (isRefusal(upstream)) {
            this.giveBack();
            call.refuse(upstream);
            return;
        }
        if (isLease(upstream)) {
            call.lease = upstream;
            upstream.connection.handlers = relayLog(exchange, upstream);
        }
        if (exchange.over) {
            this.giveBack();
            call.cancel("the client closed the stream");
            return;
        }
        exchange.call = call;
        if (!call.send(upstream, this.restoreState(call), this)) {
            this.giveBack();
        }
    }

    override intercept(call: Call, outcome: Outcome): boolean {
        if ("error" in outcome || outcome.result.resultType !== "input_required") {
            return false;
        }
        const { parked, states } = this.args;
        const { lease, record, request } = call;
        const caller = principalKey(record.principal);
        if (lease !== undefined && !parked.hasRoom(caller)) {
            this.giveBack();
            call.refuse(noRoom);
            return true;
        }
        const { requestState } = outcome.result;
        const inner = typeof requestState === "string" ? requestState : undefined;
        const { nonce, text } = states.create(caller, request, inner);
        if (lease !== undefined) {
            call.lease = undefined;
            parked.add(nonce, new ParkedLease(lease, () => parked.remove(nonce)), caller);
        }
        call.answer({ result: { ...outcome.result, requestState: text } });
        return true;
    }

    private giveBack(): void {
        if (this.state !== undefined) {
            this.args.states.giveBack(this.state);
        }
    }

    /** The parameters of a request, with the server's own state where the client brought the bridge's. */
    private restoreState({ request: { params } }: Call): JsonObject | undefined {
        if (this.state === undefined) {
            return params;
        }
        const restored = { ...params, requestState: this.state.inner };
        if (this.state.inner === undefined) {
            delete restored.requestState;
        }
        return restored;
    }
}

/** Relays the log of a process that serves one call: it logs only what that call has it do. */
function relayLog(exchange: Exchange, { connection }: Lease): ConnectionHandlers {
    return {
        ...rejectServerRequests(connection, () => undefined),
        onNotification(method, params) {
            if (method === "notifications/message") {
                exchange.notify({ jsonrpc: "2.0", method, ...(params && { params }) });
            }
        },
    };
}
