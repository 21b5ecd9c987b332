import type { Principal } from "../principal.ts";

/** What is known of a call when it is over: for metrics, traces and the audit log. Holds no argument and no result. */
export interface CallRecord {
    method: string;
    /** Tool, prompt or resource that was asked for. */
    name: string | undefined;
    /** Dialect of the client. */
    era: "legacy" | "modern" | "rest";
    principal: Principal;
    /** The gateway's name for the HTTP request. */
    requestId: string | undefined;
    /** W3C `traceparent` of the HTTP request, as it came. */
    traceparent: string | undefined;
    /** When the request's head had come, in milliseconds of the monotonic clock. */
    startedAt: number;
}

/**
 * How a call ended: `ok`, `tool_error` (the tool's own `isError`), `error` (a JSON-RPC error), `input_required` (the
 * client is asked something and will call again), `cancelled`, `refused` (by a rule), `unavailable` (no server to take it),
 * `timeout`.
 */
export const outcomes = [
    "ok",
    "tool_error",
    "error",
    "input_required",
    "cancelled",
    "refused",
    "unavailable",
    "timeout",
] as const;
export type CallOutcome = (typeof outcomes)[number];
