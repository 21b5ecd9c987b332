import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import { sourceOf } from "../json/sourceText.ts";
import type { Text } from "../json/text.ts";

/** A message as a line for a server's stdin, without its end. */
export function encodeLine(message: JsonObject): Text {
    const { params } = message;
    const source = isObject(params) ? sourceOf(params.arguments) : undefined;
    return source === undefined ? encode(message) : encodeAround(message, source);
}

function encode(message: JsonObject): string {
    const line = JSON.stringify({ jsonrpc: "2.0", ...message });
    // Node's own line reader ends a line at these two as well, so servers built on it must not meet them.
    return line.includes("\u2028") || line.includes("\u2029")
        ? line.replace(/[\u2028\u2029]/g, escapeSeparator)
        : line;
}

/** Writes a request around the text of its arguments. */
function encodeAround(message: JsonObject, source: Buffer): Text {
    const { params, ...head } = message;
    const { arguments: _, ...others } = params as JsonObject;
    void _;
    // Both objects end with the line, so what is added goes in front of their ends.
    const text = encode({ ...head, params: others }).slice(0, -2);
    const comma = text.endsWith("{") ? "" : ",";
    return [Buffer.from(`${text}${comma}"arguments":`), source, Buffer.from("}}")];
}

function escapeSeparator(separator: string): string {
    return separator === "\u2028" ? "\\u2028" : "\\u2029";
}
