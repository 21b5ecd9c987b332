import { asRefusal } from "../auth/asRefusal.ts";
import type { AuthRefusal } from "../auth/authenticator.ts";
import { errorCodes, type Outcome } from "../jsonRpc.ts";
import type { Refusal } from "../refusal.ts";
import type { ArgumentProblem } from "./argumentCheck.ts";
import type { ToolRefusal } from "./toolPolicy.ts";

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
        const text = typeof name === "string" ? name : JSON.stringify(name);
        const error = { code: errorCodes.invalidParams, message: `Unknown tool: ${text}` };
        return { status: 200, error };
    }
    const { error, ...answer } = asRefusal(stepUp(refusal.scopes));
    const missing = { error: "insufficient_scope", scope: refusal.scopes.join(" ") };
    return { ...answer, error: { ...error, data: missing } };
}

/**
 * The answer to a call whose arguments may not pass. What a model can repair is the result of a tool that failed, since
 * clients need not show models the errors of the protocol (MCP 2025-11-25 and later); a schema that is none is the
 * server's fault.
 */
export function answerArguments({ kind, message }: ArgumentProblem): Outcome {
    return kind === "schema"
        ? { error: { code: errorCodes.internalError, message } }
        : { result: { content: [{ type: "text", text: message }], isError: true } };
}
