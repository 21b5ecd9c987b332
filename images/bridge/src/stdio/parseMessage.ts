import { isUtf8 } from "node:buffer";
import { isObject, type JsonObject, type Outcome, type RpcError } from "../json/jsonRpc.ts";
import { deepestNesting, isTooDeep } from "../json/nesting.ts";

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

/** Why a line cannot be read; undefined for one that can. Whatever else it was read as would not be what the server said. */
export function findLineProblem(line: Buffer): string | undefined {
    return !isUtf8(line) ? "not UTF-8" : isTooDeep(line) ? tooDeep : undefined;
}

/** What an answer says. One that says nothing is taken for an empty result. */
export function readOutcome({ result, error }: JsonObject): Outcome {
    if (isObject(error)) {
        return { error: error as unknown as RpcError };
    }
    return { result: isObject(result) ? result : {} };
}

const tooDeep = `nested more than ${deepestNesting} levels deep`;

const version = String.raw`"jsonrpc"\s*:\s*"2\.0"\s*`;
const idFirst = new RegExp(
    String.raw`^\s*\{\s*(?:${version},\s*)?"id"\s*:\s*(\d+)\s*,\s*(?:${version},\s*)?"(?:result|error)"`,
);
const contentFirst = new RegExp(String.raw`^\s*\{\s*(?:${version},\s*)?"(?:result|error)"`);
const idLast = new RegExp(String.raw`"id"\s*:\s*(\d+)\s*(?:,\s*${version})?\}\s*$`);

/**
 * The id of an answer of which only both ends are left; undefined for what may be no answer: a server numbers its own
 * requests as well.
 */
export function findAnswerId(head: string, tail: string): number | undefined {
    const match = idFirst.exec(head) ?? (contentFirst.test(head) ? idLast.exec(tail) : null);
    return match ? Number(match[1]) : undefined;
}
