import type { JsonObject } from "../jsonRpc.ts";

/** A message as a line for a server's stdin, without its end. */
export function encodeLine(message: JsonObject): string {
    const line = JSON.stringify({ jsonrpc: "2.0", ...message });
    // Node's own line reader ends a line at these two as well, so servers built on it must not meet them.
    return line.includes("\u2028") || line.includes("\u2029")
        ? line.replace(/[\u2028\u2029]/g, escapeSeparator)
        : line;
}

function escapeSeparator(separator: string): string {
    return separator === "\u2028" ? "\\u2028" : "\\u2029";
}
