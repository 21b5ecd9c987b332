import { isObject, type JsonObject } from "../jsonRpc.ts";

/**
 * Reads one line of a server as a JSON-RPC message. Undefined when it is none: servers print banners and debugging to
 * stdout, which must not end them.
 */
export function parseMessage(line: string): JsonObject | undefined {
    // What cannot be an object is not worth an exception.
    if (!/^\s*\{/.test(line)) {
        return undefined;
    }
    try {
        const message: unknown = JSON.parse(line);
        return isObject(message) && message.jsonrpc === "2.0" ? message : undefined;
    } catch {
        return undefined;
    }
}

/** The id of an answer of which only both ends are left. */
export function findAnswerId(head: string, tail: string): number | undefined {
    const match =
        /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+)/.exec(head) ??
        /"id"\s*:\s*(\d+)\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail);
    return match ? Number(match[1]) : undefined;
}
