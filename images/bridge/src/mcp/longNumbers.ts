import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import { exactly, LongNumber } from "../json/longNumber.ts";

/** Keeps the names by which the client knows its request, its progress, and the request that it cancels. */
export function keepLongNumbers(message: JsonObject, body: Buffer): void {
    const { id, params } = message;
    if (typeof id === "number") {
        message.id = exactly(id, body, ["id"]);
    }
    if (!isObject(params)) {
        return;
    }
    const { _meta: meta, requestId } = params;
    if (isObject(meta) && typeof meta.progressToken === "number") {
        const path = ["params", "_meta", "progressToken"];
        meta.progressToken = exactly(meta.progressToken, body, path);
    }
    if (typeof requestId === "number") {
        params.requestId = exactly(requestId, body, ["params", "requestId"]);
    }
}

/** A message for the SDK, which knows no number that no double holds, and judges by nothing that has one here. */
export function withoutLongNumbers(message: unknown): unknown {
    const { id, params } = isObject(message) ? message : {};
    const meta = isObject(params) && isObject(params._meta) ? params._meta : {};
    const longToken = meta.progressToken instanceof LongNumber;
    if (!isObject(message) || !isObject(params) || !(longToken || id instanceof LongNumber)) {
        return message;
    }
    const _meta = longToken ? { ...meta, progressToken: 0 } : meta;
    return { ...message, id: 0, params: { ...params, _meta } };
}
