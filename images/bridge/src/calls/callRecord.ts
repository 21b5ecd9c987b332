import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Principal } from "../auth/principal.ts";

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

/** Trace context in a request's `_meta`, by the names MCP 2026-07-28 reserves for it (SEP-414). */
export interface TraceMeta {
    traceparent?: string;
    tracestate?: string;
    baggage?: string;
}

/** Notified when each call begins and ends. */
export interface CallObserver {
    /**
     * @param headers of the HTTP request
     * @param meta `_meta` of the request
     * @returns members for the `_meta` the server gets, which win over the client's; undefined when there are none
     */
    begin(
        record: CallRecord,
        headers: IncomingHttpHeaders,
        meta: JsonObject | undefined,
    ): TraceMeta | undefined;
    /**
     * Called once for every call that began.
     *
     * @param details `code` is that of the JSON-RPC error the client got
     */
    end(record: CallRecord, outcome: CallOutcome, details?: { code?: number }): void;
}
