import type { IncomingHttpHeaders } from "node:http";
import { envelope, modernVersions } from "../stdio/handshake.ts";
import { isObject, isRequestId, type RpcRequest } from "../json/jsonRpc.ts";

/**
 * Whether a message is beyond doubt a good request of 2026-07-28, as almost all are: then the SDK need not judge it, which
 * costs as much as a tenth of the whole call. Anything else about which there is a question is left to the SDK.
 */
export function isPlainModern(
    headers: IncomingHttpHeaders,
    message: unknown,
): message is RpcRequest {
    if (!isObject(message) || message.jsonrpc !== "2.0" || !isRequestId(message.id)) {
        return false;
    }
    const { method, params } = message;
    if (typeof method !== "string" || !isObject(params) || !isObject(params._meta)) {
        return false;
    }
    const { _meta: meta } = params;
    const version = headers["mcp-protocol-version"];
    return (
        version === modernVersions[0] &&
        meta[envelope.protocolVersion] === version &&
        headers["mcp-method"] === method &&
        isObject(meta[envelope.clientCapabilities]) &&
        isImplementation(meta[envelope.clientInfo]) &&
        meta[envelope.logLevel] === undefined
    );
}

function isImplementation(info: unknown): boolean {
    return (
        info === undefined ||
        (isObject(info) && typeof info.name === "string" && typeof info.version === "string")
    );
}
