import type { Call } from "../../calls/call.ts";
import type { Lease } from "../../processes/childPool.ts";
import { carriedParams } from "../translate/capabilities.ts";
import { removeEnvelope } from "../translate/toModern.ts";
import type { Exchange } from "../../http/exchange.ts";
import { errorCodes, type JsonObject } from "../../json/jsonRpc.ts";
import { principalKey } from "../../auth/principal.ts";
import type { Refusal } from "../../json/refusal.ts";
import { LegacyMrtrCall } from "./legacyMrtrCall.ts";
import type { ParkedCalls } from "./parkedCalls.ts";
import type { RequestStates } from "./requestState.ts";

export interface LegacyMrtrArgs {
    states: RequestStates;
    parked: ParkedCalls;
    /** Gives an HTTP request to the replica that waits for it. False when this is that one. */
    proxyTo: (exchange: Exchange, address: string, onGone: () => void) => boolean;
}

/** Multi-round-trip requests to servers up to 2025-11-25: calls that may end an HTTP request with `input_required` and go on with another. */
export class LegacyMrtr {
    private readonly args: LegacyMrtrArgs;

    constructor(args: LegacyMrtrArgs) {
        this.args = args;
    }

    /** Begins a call by a process of its own. */
    begin(
        call: Call,
        lease: Lease,
        capabilities: JsonObject,
        logLevel: string | undefined,
    ): LegacyMrtrCall {
        const begun = new LegacyMrtrCall({
            call,
            lease,
            capabilities,
            logLevel,
            params: removeEnvelope(carriedParams(call.request.params)),
            park: (parked) => this.park(parked),
        });
        begun.start();
        return begun;
    }

    /** Whether it is here that a call waits for what the client brings, though the server is spoken to in its later era by now. */
    holds({ request, record }: Call): boolean {
        const { states, parked } = this.args;
        const given = request.params?.requestState;
        if (given === undefined || parked.size === 0) {
            return false;
        }
        const state = states.read(given, principalKey(record.principal), request);
        return state !== undefined && parked.find(state.nonce) instanceof LegacyMrtrCall;
    }

    /** Goes on with a call for which the client brings input in `next`. */
    resume(exchange: Exchange, next: Call): void {
        const { states, parked, proxyTo } = this.args;
        const { request } = next;
        const principal = principalKey(exchange.principal);
        const state = states.read(request.params?.requestState, principal, request);
        const refuse = (): void => next.refuse(notGood);
        if (state !== undefined && proxyTo(exchange, state.address, refuse)) {
            return;
        }
        const waiting = state && parked.find(state.nonce);
        if (state === undefined || !(waiting instanceof LegacyMrtrCall)) {
            refuse();
            return;
        }
        const problem = waiting.resume(next);
        if (problem !== undefined) {
            const error = { code: errorCodes.invalidParams, message: problem };
            next.refuse({ status: 200, error });
            return;
        }
        exchange.call = waiting;
        parked.remove(state.nonce);
        states.use(state);
    }

    private park(waiting: LegacyMrtrCall): string | undefined {
        const { parked, states } = this.args;
        const { record, request } = waiting.call;
        const caller = principalKey(record.principal);
        if (!parked.hasRoom(caller)) {
            return undefined;
        }
        const { nonce, text } = states.create(caller, request);
        parked.add(nonce, waiting, caller);
        return text;
    }
}

/** Deliberately vague: never reveals whether the state exists. */
export const notGood: Refusal = {
    status: 200,
    error: {
        code: errorCodes.invalidParams,
        message:
            "params.requestState: not valid for this request, used already, or expired; send the request anew without it",
    },
};
