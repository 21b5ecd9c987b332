import type { ServerResponse } from "node:http";
import { stringifyResponse, type JsonObject, type RpcError } from "../json/jsonRpc.ts";
import { largeText, type Text } from "../json/text.ts";

/**
 * Sends one JSON document, head and body in one write.
 *
 * @param headers further headers, names and values in turn
 */
export function writeJson(
    response: ServerResponse,
    status: number,
    text: Text,
    headers?: readonly string[],
): void {
    // Node joins a text with the head, which is one write for a small one and a copy too many for a large one.
    const small = typeof text === "string" && text.length < largeText ? text : undefined;
    const parts = small !== undefined ? [] : typeof text === "string" ? [Buffer.from(text)] : text;
    const length =
        small !== undefined
            ? Buffer.byteLength(small)
            : parts.reduce((sum, part) => sum + part.length, 0);
    const own = ["content-type", "application/json", "content-length", String(length)];
    response.writeHead(status, headers === undefined ? own : [...own, ...headers]);
    parts.forEach((part) => response.write(part));
    response.end(small);
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
