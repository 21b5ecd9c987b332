import type { RpcError } from "./jsonRpc.ts";

/** Why a request is not served. */
export interface Refusal {
    /** HTTP status of the answer. */
    status: number;
    error: RpcError;
    /** Further headers, names and values in turn. */
    headers?: readonly string[];
}

/** Refuses a request for now: no process of the server can take it. */
export function unavailable(message: string): Refusal {
    return { status: 503, error: { code: -32603, message }, headers: ["retry-after", "2"] };
}

/** Whether `value` is a refusal and not what was asked for. */
export function isRefusal(value: object): value is Refusal {
    return "status" in value && "error" in value;
}
