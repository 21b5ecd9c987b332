import type { IncomingMessage } from "node:http";
import { readBody } from "../http/readBody.ts";
import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import { deepestNesting, isTooDeep } from "../json/nesting.ts";
import { buildRestError, type RestError } from "./restError.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a body that is a JSON object. An empty one is an object without members, whatever its type.
 *
 * @param limit largest body, in bytes
 * @returns undefined when the client went away first
 */
export async function readJsonBody(
    request: IncomingMessage,
    limit: number,
): Promise<{ body: JsonObject } | { error: RestError } | undefined> {
    const body = await new Promise<Buffer | "too large" | "gone">((resolve) => {
        readBody(request, limit, (whole) => resolve(whole ?? "too large"));
        // Also comes after the end of a whole body, when it no longer matters.
        request.once("close", () => resolve("gone"));
    });
    if (body === "gone") {
        return undefined;
    }
    if (body === "too large") {
        return refuse(413, `the body must not be longer than ${limit} bytes`);
    }
    if (body.length === 0) {
        return { body: {} };
    }
    const type = request.headers["content-type"] ?? "none";
    if (!/^application\/(?:[^\s;,/]+\+)?json\s*(?:;|$)/i.test(type)) {
        return refuse(415, `content type must be 'application/json', got '${type}'`);
    }
    if (isTooDeep(body)) {
        return refuse(400, `the body must not be nested more than ${deepestNesting} levels deep`);
    }
    let value: unknown;
    try {
        value = JSON.parse(decoder.decode(body));
    } catch {
        return refuse(400, "the body must be JSON in UTF-8");
    }
    return isObject(value) ? { body: value } : refuse(400, "the body must be a JSON object");
}

function refuse(status: number, message: string): { error: RestError } {
    return { error: buildRestError(status, message) };
}
