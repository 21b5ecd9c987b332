import { asRefusal } from "../auth/asRefusal.ts";
import type { AuthRefusal } from "../auth/authenticator.ts";
import { errorCodes, type JsonObject } from "../json/jsonRpc.ts";
import type { Refusal } from "../json/refusal.ts";
import type { ArgumentProblem } from "./argumentCheck.ts";
import type { ToolRefusal } from "./toolPolicy.ts";

/** What is said back of a name, in characters: no tool has a longer one. */
const nameLimit = 128;

/**
 * The answer to a call that its caller may not make. A tool that does not exist for callers gets the error a server gives
 * for one it does not have, in both eras with status 200; one that needs scopes gets 403 and the challenge that makes a
 * client ask for them.
 *
 * @param stepUp an authenticator's refusal for want of scopes
 */
export function refuseCall(
    refusal: ToolRefusal,
    name: unknown,
    stepUp: (scopes: readonly string[]) => AuthRefusal,
): Refusal {
    if (refusal.kind === "unknown") {
        const text = typeof name === "string" ? name : typeof name;
        const message = `Unknown tool: ${text.slice(0, nameLimit)}`;
        const error = { code: errorCodes.invalidParams, message };
        return { status: 200, error };
    }
    const { error, ...answer } = asRefusal(stepUp(refusal.scopes));
    const missing = { error: "insufficient_scope", scope: refusal.scopes.join(" ") };
    return { ...answer, error: { ...error, data: missing } };
}

/** A refusal that a result says better than an error. */
export interface ResultRefusal extends Refusal {
    /** Sent in place of the error. */
    result?: JsonObject;
}

/**
 * The answer to a call whose arguments may not pass. What a model can repair has a result too, that of a tool that failed,
 * since clients need not show models the errors of the protocol (MCP 2025-11-25 and later). A schema that is none is the
 * server's fault.
 */
export function refuseArguments({ kind, message }: ArgumentProblem): ResultRefusal {
    if (kind === "schema") {
        return { status: 200, error: { code: errorCodes.internalError, message } };
    }
    return {
        status: 200,
        error: { code: errorCodes.invalidParams, message },
        result: { content: [{ type: "text", text: message }], isError: true },
    };
}
