import { errorCodes } from "../json/jsonRpc.ts";
import type { Refusal } from "../json/refusal.ts";
import type { AuthRefusal } from "./authenticator.ts";

/** The answer to a request at the MCP endpoint that may not be served. */
export function asRefusal({ status, headers, message }: AuthRefusal): Refusal {
    const error = { code: errorCodes.invalidRequest, message };
    return { status, error, headers: Object.entries(headers).flat() };
}
