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

/** Refuses a request that needs a part of the bridge which cannot be loaded now; why, only the log says. */
export const notLoaded = unavailable("a part of the bridge cannot be loaded; try again");

/** Whether `value` is a refusal and not what was asked for. */
export function isRefusal(value: object): value is Refusal {
    return "status" in value && "error" in value;
}
