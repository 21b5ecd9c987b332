import type { CallRecord } from "../callRecord.ts";
import type { Lease } from "../child/childPool.ts";
import { carriedParams } from "../era/carried.ts";
import { removeEnvelope } from "../era/modern.ts";
import type { Forwarder } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";
import { errorCodes, type JsonObject, type RpcRequest } from "../jsonRpc.ts";
import { principalKey } from "../principal.ts";
import type { Refusal } from "../refusal.ts";
import { LeasedCall } from "./leasedCall.ts";
import type { ParkedCalls } from "./parkedCalls.ts";
import type { RequestState, RequestStates } from "./requestState.ts";
import type { Round } from "./round.ts";

export interface RetriesArgs {
    forwarder: Forwarder;
    states: RequestStates;
    parked: ParkedCalls;
    /** Gives an HTTP request to the replica that waits for it. False when this is that one. */
    handOver: (exchange: Exchange, address: string, onGone: () => void) => boolean;
}

/** Calls that may end an HTTP request with `input_required` and go on with another. */
export class Retries {
    private readonly args: RetriesArgs;

    constructor(args: RetriesArgs) {
        this.args = args;
    }

    /** Begins a call by a process of its own. */
    begin(
        lease: Lease,
        round: Round,
        capabilities: JsonObject,
        logLevel: string | undefined,
    ): void {
        const { forwarder } = this.args;
        const call = new LeasedCall(
            {
                lease,
                forwarder,
                capabilities,
                logging: logLevel !== undefined,
                params: removeEnvelope(carriedParams(round.request.params)),
                park: (parked, request) => this.park(parked, request, round.exchange),
                onOver: (clean) => lease.release(clean),
            },
            round,
        );
        void call.start(logLevel);
    }

    /** Goes on with a call for which the client brings input. */
    resume(exchange: Exchange, request: RpcRequest, record: CallRecord): void {
        const { forwarder, states, parked, handOver } = this.args;
        const principal = principalKey(exchange.principal);
        const state = states.read(request.params?.requestState, principal, request);
        const refuse = (): void => forwarder.refuse(exchange, request.id, record, notGood);
        if (state !== undefined && handOver(exchange, state.address, refuse)) {
            return;
        }
        const call = state && parked.find(state.nonce);
        if (state === undefined || !(call instanceof LeasedCall)) {
            refuse();
            return;
        }
        const problem = call.resume({ exchange, request, record });
        if (problem !== undefined) {
            const error = { code: errorCodes.invalidParams, message: problem };
            forwarder.refuse(exchange, request.id, record, { status: 200, error });
            return;
        }
        this.spend(state);
    }

    private spend(state: RequestState): void {
        this.args.parked.remove(state.nonce);
        this.args.states.use(state);
    }

    private park(call: LeasedCall, request: RpcRequest, { principal }: Exchange) {
        const { parked, states } = this.args;
        if (parked.full) {
            return undefined;
        }
        const { nonce, text } = states.create(principalKey(principal), request);
        parked.add(nonce, call);
        return text;
    }
}

/** What does not say more than a stranger may know. */
export const notGood: Refusal = {
    status: 200,
    error: {
        code: errorCodes.invalidParams,
        message:
            "params.requestState: not valid for this request, used already, or expired; send the request anew without it",
    },
};
