import {
    Call,
    type CallContext,
    type CallEntry,
    type CallOrigin,
    type CallStrategy,
} from "../calls/call.ts";
import type { Admit } from "../calls/admission.ts";
import type { Placement } from "../calls/placement.ts";
import { isLease } from "../processes/childPool.ts";
import { ownEnvelope, sharedInitializeParams } from "../stdio/handshake.ts";
import type { Reply } from "../http/reply.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RpcRequest,
} from "../json/jsonRpc.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import { isRefusal } from "../json/refusal.ts";
import type { CallResult } from "./callAnswer.ts";

export interface RestCallsArgs {
    context: CallContext;
    placement: Placement;
    /** The rules about tools and their arguments. */
    admit: Admit;
}

/** Makes what calls a tool for a REST request. Nobody can be asked anything here, so no process needs to be told of anybody. */
export function createRestCalls({ context, placement, admit }: RestCallsArgs) {
    const entry: CallEntry = { context, era: "rest", strategy: restStrategy };
    return async (
        caller: CallOrigin,
        name: string,
        args: JsonObject,
        signal: AbortSignal,
    ): Promise<CallResult> => {
        const params = { name, arguments: args };
        const request: RpcRequest = { id: 0, method: "tools/call", params };
        const reply = new RestReply();
        const call = new Call(entry, caller, reply, request);
        const cancel = (): void => call.cancel("the client closed the connection");
        signal.addEventListener("abort", cancel, { once: true });
        const upstream =
            (await admit(caller.principal, request)) ?? (await place(placement, caller));
        if (isRefusal(upstream)) {
            call.refuse(upstream);
        } else {
            call.lease = isLease(upstream) ? upstream : undefined;
            if (signal.aborted) {
                cancel();
            } else {
                const isModern = upstream.description.era === "modern";
                call.send(upstream, isModern ? { ...params, _meta: ownEnvelope } : params);
            }
        }
        return await reply.result;
    };
}

function place(placement: Placement, { principal }: CallOrigin) {
    // Without a session there is no process to go back to.
    const plan = placement.planRequest("tools/call", false);
    const handshake = sharedInitializeParams;
    return placement.find(plan, placement.shared, { principal, handshake, attended: false });
}

/** Where the outcome of a call by REST goes. Progress is left out. */
class RestReply implements Reply {
    settle: (result: CallResult) => void = () => undefined;
    readonly result = new Promise<CallResult>((resolve) => (this.settle = resolve));
    readonly over = false;

    addHeaders(): void {
        // A refusal has its own.
    }

    notify(): void {
        // Nobody listens.
    }

    finish(): void {
        // REST is answered with outcomes, not with text.
    }
}

/** Settles calls with what became of them; REST has its own words for each. */
const restStrategy: CallStrategy = {
    relay: () => undefined,
    intercept: () => false,
    write({ reply }, outcome) {
        settle(reply, isTimeout(outcome) ? { timeout: outcome.error.message } : outcome);
    },
    refuse({ reply }, refusal) {
        settle(reply, describeRefusal(refusal));
    },
};

function settle(reply: Reply, result: CallResult): void {
    if (reply instanceof RestReply) {
        reply.settle(result);
    }
}

function isTimeout(outcome: Outcome): outcome is Extract<Outcome, { error: unknown }> {
    return (
        "error" in outcome && isObject(outcome.error.data) && outcome.error.data.timeout === true
    );
}

function describeRefusal({ status, error, headers = [], result }: ResultRefusal): CallResult {
    const { message } = error;
    if (status === 503) {
        return { unavailable: message };
    }
    const pairs: [string, string][] = [];
    for (let at = 0; at + 1 < headers.length; at += 2) {
        pairs.push([headers[at] ?? "", headers[at + 1] ?? ""]);
    }
    // In MCP these are answers like any other; REST has a status for each.
    const unknown =
        status === 200 && result === undefined && error.code === errorCodes.invalidParams;
    const own = status === 200 ? (unknown ? 404 : result === undefined ? 500 : 422) : status;
    return { refused: { status: own, message, headers: Object.fromEntries(pairs) } };
}
