import { LongNumber } from "./longNumber.ts";

/** Any JSON object, not yet looked into. */
export type JsonObject = Record<string, unknown>;

/** Name a peer gives to one of its requests. */
export type RequestId = string | number | LongNumber;

/** Why a request failed, in JSON-RPC's form. */
export interface RpcError {
    code: number;
    message: string;
    data?: unknown;
}

/** What became of a request. */
export type Outcome = { result: JsonObject } | { error: RpcError };

export interface RpcRequest {
    id: RequestId;
    method: string;
    params?: JsonObject;
}

export interface RpcNotification {
    method: string;
    params?: JsonObject;
}

/** Codes the bridge itself answers with: JSON-RPC's, and those of MCP 2026-07-28. */
export const errorCodes = {
    parseError: -32700,
    invalidRequest: -32600,
    methodNotFound: -32601,
    invalidParams: -32602,
    internalError: -32603,
    headerMismatch: -32020,
    missingCapability: -32021,
    unsupportedVersion: -32022,
    /** Before 2026-07-28: no such resource. */
    resourceNotFound: -32002,
    /** Before 2026-07-28: a page must be visited first. */
    urlElicitationRequired: -32042,
} as const;

/** Whether `value` is a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message that answers request `id`. An id that could not be read is null. */
export function buildResponse(id: RequestId | null, outcome: Outcome): JsonObject {
    return { jsonrpc: "2.0", id, ...outcome };
}

/** That message as text. */
export function stringifyResponse(id: RequestId | null, outcome: Outcome): string {
    return JSON.stringify(buildResponse(id, outcome));
}

/** Whether `value` can name a request. */
export function isRequestId(value: unknown): value is RequestId {
    return typeof value === "string" || Number.isFinite(value) || value instanceof LongNumber;
}

/** Whether two names are of one request. */
export function isSameId(one: RequestId, other: RequestId): boolean {
    return one === other || (one instanceof LongNumber && keyOf(one) === keyOf(other));
}

/** A name as the key of a map. */
export function keyOf(id: RequestId): string | number {
    return id instanceof LongNumber ? `\0${id.text}` : id;
}
