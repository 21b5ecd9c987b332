import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import type { ServerDescription } from "../child/handshake.ts";
import { errorCodes, isObject, type JsonObject, type Outcome, type RpcError } from "../jsonRpc.ts";
import { carriedCapabilities } from "./carried.ts";

/** Revisions of MCP without a handshake that the bridge speaks. */
export const modernVersions = ["2026-07-28"];

const reservedPrefix = "io.modelcontextprotocol/";

/** Results that a client may keep; the bridge promises nothing about for how long. */
const cacheable = new Set([
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
]);
const notKept = { ttlMs: 0, cacheScope: "private" };

/** A request's parameters as a server before 2026-07-28 knows them: without the envelope. */
export function removeEnvelope(params: JsonObject | undefined): JsonObject | undefined {
    if (!isObject(params?._meta)) {
        return params;
    }
    const kept = Object.entries(params._meta).filter(([key]) => !key.startsWith(reservedPrefix));
    const rest = { ...params };
    delete rest._meta;
    return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

/** A server's result as 2026-07-28 wants it. */
export function completeResult(
    method: string,
    result: JsonObject,
    serverInfo: JsonObject,
): JsonObject {
    return {
        ...(cacheable.has(method) && notKept),
        ...result,
        resultType: "complete",
        _meta: { ...(isObject(result._meta) && result._meta), [SERVER_INFO_META_KEY]: serverInfo },
    };
}

/** A server's error as 2026-07-28 knows it. */
export function translateError(error: RpcError): RpcError {
    switch (error.code) {
        case errorCodes.resourceNotFound:
            return { ...error, code: errorCodes.invalidParams };
        case errorCodes.urlElicitationRequired:
            return { ...error, code: errorCodes.internalError };
        default:
            return error;
    }
}

/** HTTP status that goes with an answer of 2026-07-28. */
export function statusOf(outcome: Outcome): number {
    if (!("error" in outcome)) {
        return 200;
    }
    switch (outcome.error.code) {
        case errorCodes.methodNotFound:
            return 404;
        case errorCodes.headerMismatch:
        case errorCodes.unsupportedVersion:
            return 400;
        default:
            return 200;
    }
}

/** Answers `server/discover` from what the server said in its one handshake. */
export function buildDiscoverResult(server: ServerDescription): JsonObject {
    const result: JsonObject = {
        ...notKept,
        supportedVersions: modernVersions,
        capabilities: carriedCapabilities(server.capabilities, true),
        ...(server.instructions !== undefined && { instructions: server.instructions }),
    };
    return completeResult("server/discover", result, server.serverInfo);
}
