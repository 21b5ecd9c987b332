import type { ServerResponse } from "node:http";
import { writeJson } from "../http/writeJson.ts";

/** Why a REST request failed, for programs: each stands for one thing that a client can do about it. */
export const restErrorCodes = [
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "too_large",
    "unsupported_media_type",
    "invalid_arguments",
    "tool_error",
    "input_required",
    "server_error",
    "unavailable",
    "timeout",
] as const;
export type RestErrorCode = (typeof restErrorCodes)[number];

/** A failed REST request. Every error of the façade has this form, as `{ "error": … }`. */
export interface RestError {
    /** The HTTP status, again. */
    status: number;
    code: RestErrorCode;
    /** What is wrong, for people. */
    message: string;
    /** What the tool or its server said about it. */
    details?: unknown;
}

/** Code of a refusal that has a status only. */
const codeOfStatus: Record<number, RestErrorCode> = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_arguments",
    503: "unavailable",
    504: "timeout",
};

/** An error whose code follows from its status. */
export function buildRestError(status: number, message: string): RestError {
    return { status, code: codeOfStatus[status] ?? "server_error", message };
}

/** Answers a REST request with an error. */
export function sendRestError(
    response: ServerResponse,
    error: RestError,
    headers: Record<string, string> = {},
): void {
    const text = JSON.stringify({ error });
    writeJson(response, error.status, text, [
        "cache-control",
        "no-store",
        ...Object.entries(headers).flat(),
    ]);
}

/** Answers a request for which the tools could not be read. */
export function sendUnavailable(response: ServerResponse, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = buildRestError(503, `the server's tools cannot be read: ${reason}`);
    sendRestError(response, error, { "retry-after": "1" });
}
