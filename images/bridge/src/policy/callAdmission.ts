import type { AuthRefusal } from "../auth/authenticator.ts";
import type { RpcRequest } from "../json/jsonRpc.ts";
import type { Principal } from "../auth/principal.ts";
import { unavailable } from "../json/refusal.ts";
import type { ArgumentCheck, CheckedTool } from "./argumentCheck.ts";
import { refuseArguments, refuseCall, type ResultRefusal } from "./toolAnswers.ts";
import { forgetSource } from "../json/sourceText.ts";
import type { ToolPolicy } from "./toolPolicy.ts";
import { refuseLongUri } from "./uriLimit.ts";

export interface CallAdmissionArgs {
    policy: ToolPolicy;
    /** Longest URI that names a resource, in bytes. */
    uriLimit: number;
    /** An authenticator's refusal for want of scopes. */
    stepUp: (scopes: readonly string[]) => AuthRefusal;
    /** Undefined when arguments are not to be checked. */
    check: ArgumentCheck | undefined;
    /** The server's tools; asked only when arguments are checked. */
    catalog: {
        known(name: string): CheckedTool | undefined;
        find(name: string): Promise<CheckedTool | undefined>;
    };
}

/**
 * Decides whether a caller may make a request: at once, but for the first call that needs the schema of a tool. Calls of
 * tools have rules; of other requests, only the length of a URI is looked at.
 */
export function createCallAdmission(args: CallAdmissionArgs) {
    const { policy, uriLimit, stepUp, check, catalog } = args;
    return (
        principal: Principal,
        { method, params }: RpcRequest,
    ): ResultRefusal | undefined | Promise<ResultRefusal | undefined> => {
        if (method !== "tools/call") {
            return refuseLongUri(params, uriLimit);
        }
        const name = params?.name;
        const refusal = policy.refuseTool(principal, name);
        if (refusal !== undefined) {
            return refuseCall(refusal, name, stepUp);
        }
        if (check === undefined || typeof name !== "string") {
            return undefined;
        }
        const compare = (tool: CheckedTool | undefined): ResultRefusal | undefined => {
            forgetSource(params?.arguments);
            // What a tool that the server does not list takes, only the server knows.
            const problem = tool && check.findProblem(tool, params?.arguments);
            return problem && refuseArguments(problem);
        };
        const tool = catalog.known(name);
        return tool === undefined
            ? catalog
                  .find(name)
                  .then(compare, () => unavailable("the server's tools are not known; try again"))
            : compare(tool);
    };
}
