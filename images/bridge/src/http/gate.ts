import type { IncomingMessage, ServerResponse } from "node:http";
import { asRefusal } from "../auth/asRefusal.ts";
import { isRefusal, type Authenticator, type AuthRefusal } from "../auth/authenticator.ts";
import { errorCodes } from "../json/jsonRpc.ts";
import type { CallerLimits } from "../policy/callerLimits.ts";
import type { Principal } from "../auth/principal.ts";
import { unavailable, type Refusal } from "../json/refusal.ts";

export interface GateArgs {
    /** Says why a request may not come from where it comes. */
    guard: (request: IncomingMessage) => string | undefined;
    auth: Authenticator;
    callers: CallerLimits;
    /** Whether as many requests are being answered as may be. */
    full: () => boolean;
    /** Counts what is turned away, by why. */
    onRefusal: (reason: string) => void;
}

/** Serves a request that was let in. */
export type Serve = (request: IncomingMessage, response: ServerResponse, caller: Principal) => void;
/** Answers a request that was not. */
export type Refuse = (response: ServerResponse, refusal: Refusal) => void;

/** Makes what stands before everything that needs a caller: the host, the caller, the limits, in this order. */
export function createGate({ guard, auth, callers, full, onRefusal }: GateArgs) {
    function turnAway(response: ServerResponse, refuse: Refuse, reason: string, refusal: Refusal) {
        onRefusal(reason);
        refuse(response, refusal);
    }

    function letIn(
        request: IncomingMessage,
        response: ServerResponse,
        caller: Principal | AuthRefusal,
        serve: Serve,
        refuse: Refuse,
    ): void {
        if (response.destroyed) {
            // Gone while its token was looked at: there is nobody to answer, and its "close" has passed.
            return;
        }
        if (isRefusal(caller)) {
            turnAway(response, refuse, caller.error ?? "no_credentials", asRefusal(caller));
        } else if (full()) {
            turnAway(response, refuse, "in_flight", tooMany);
        } else {
            const leave = callers.enter(caller);
            if (leave === undefined) {
                turnAway(response, refuse, "in_flight_of_caller", tooManyOfCaller);
                return;
            }
            if (caller.subject !== undefined) {
                // Comes once; "once" would make two objects a call to see to that.
                response.on("close", leave);
            }
            serve(request, response, caller);
        }
    }

    return (request: IncomingMessage, response: ServerResponse, serve: Serve, refuse: Refuse) => {
        const reason = guard(request);
        if (reason !== undefined) {
            const error = { code: errorCodes.invalidRequest, message: reason };
            turnAway(response, refuse, "host", { status: 403, error });
            return;
        }
        const caller = auth.authenticate(request);
        if (caller instanceof Promise) {
            void caller.then((found) => letIn(request, response, found, serve, refuse));
        } else {
            letIn(request, response, caller, serve, refuse);
        }
    };
}

const tooMany = soon("too many requests at once; try again");
const tooManyOfCaller = soon("too many requests of this caller at once; try again");

function soon(message: string): Refusal {
    return { ...unavailable(message), headers: ["retry-after", "1"] };
}
