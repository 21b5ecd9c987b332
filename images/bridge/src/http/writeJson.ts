import type { ServerResponse } from "node:http";
import { stringifyResponse, type JsonObject, type RpcError } from "../jsonRpc.ts";

/** Characters from which a body is written beside its head. */
const largeText = 16 * 1024;

/**
 * Sends one JSON document, head and body in one write.
 *
 * @param headers further headers, names and values in turn
 */
export function writeJson(
    response: ServerResponse,
    status: number,
    text: string,
    headers?: readonly string[],
): void {
    // Node joins a text with the head, which is one write for a small one and a copy too many for a large one.
    const large = text.length > largeText;
    const body = large ? Buffer.from(text) : text;
    const length = String(large ? body.length : Buffer.byteLength(text));
    const own = ["content-type", "application/json", "content-length", length];
    response.writeHead(status, headers === undefined ? own : [...own, ...headers]);
    response.end(body);
}

/** Sends one JSON document. */
export function sendJson(
    response: ServerResponse,
    status: number,
    body: JsonObject,
    headers: Record<string, string> = {},
): void {
    writeJson(response, status, JSON.stringify(body), Object.entries(headers).flat());
}

/** Refuses a request that cannot be told apart by its id. */
export function refuse(
    response: ServerResponse,
    status: number,
    error: RpcError,
    headers: Record<string, string> = {},
): void {
    const text = stringifyResponse(null, { error });
    writeJson(response, status, text, Object.entries(headers).flat());
}
