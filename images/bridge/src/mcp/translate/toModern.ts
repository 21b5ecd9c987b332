import {
    envelope,
    modernVersions,
    reservedPrefix,
    type ServerDescription,
} from "../../stdio/handshake.ts";
import type { WriteAnswer } from "../../calls/mcpStrategy.ts";
import {
    errorCodes,
    isObject,
    stringifyResponse,
    type JsonObject,
    type Outcome,
    type RpcError,
} from "../../json/jsonRpc.ts";
import { carriedCapabilities, carriedResult, silentCapabilities } from "./capabilities.ts";
import { spliceAnswer } from "./spliceAnswer.ts";

/** Results that a client may keep; the bridge promises nothing about for how long. */
const cacheable = new Set([
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
]);
const notKept = { ttlMs: 0, cacheScope: "private" };

/** A request's parameters as a server before 2026-07-28 knows them: without the envelope, and without a retry's own. */
export function removeEnvelope(params: JsonObject | undefined): JsonObject | undefined {
    if (params === undefined) {
        return undefined;
    }
    const { _meta, inputResponses, requestState, ...rest } = params;
    void [inputResponses, requestState];
    if (!isObject(_meta)) {
        return rest;
    }
    let kept: JsonObject | undefined;
    for (const key in _meta) {
        if (!key.startsWith(reservedPrefix)) {
            kept ??= {};
            if (key === "__proto__") {
                // An assignment would set the prototype, and the client's key would be lost.
                Object.defineProperty(kept, key, { value: _meta[key], enumerable: true });
            } else {
                kept[key] = _meta[key];
            }
        }
    }
    return kept === undefined ? rest : { ...rest, _meta: kept };
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
        _meta: { ...(isObject(result._meta) && result._meta), [envelope.serverInfo]: serverInfo },
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
        case errorCodes.missingCapability:
        case errorCodes.unsupportedVersion:
            return 400;
        default:
            return 200;
    }
}

/**
 * Answers `server/discover` from what the server said about itself.
 *
 * @param silent whether no process lives on that could tell the client of changes
 */
export function buildDiscoverResult(server: ServerDescription, silent: boolean): JsonObject {
    const capabilities =
        server.era === "modern" ? server.capabilities : discoverCapabilities(server.capabilities);
    const result: JsonObject = {
        ...notKept,
        supportedVersions: modernVersions,
        capabilities: silent ? silentCapabilities(capabilities) : capabilities,
        ...(server.instructions !== undefined && { instructions: server.instructions }),
    };
    return completeResult("server/discover", result, server.serverInfo);
}

/** Logging needs no handshake in this era: a request that wants log messages gets a process that can tell whose they are. */
function discoverCapabilities(capabilities: JsonObject): JsonObject {
    const carried = carriedCapabilities(capabilities);
    return isObject(capabilities.logging) ? { ...carried, logging: capabilities.logging } : carried;
}

/** Writes the answer of a server up to 2025-11-25 for a client from 2026-07-28 on. */
export const writeTranslated: WriteAnswer = (call, outcome, line, childId) => {
    const { id, method } = call.request;
    if ("error" in outcome) {
        const error = translateError(outcome.error);
        return { text: stringifyResponse(id, { error }), status: statusOf({ error }) };
    }
    const { result } = outcome;
    const { description } = call;
    const carried = carriedResult(method, result);
    const plain =
        carried === result &&
        line !== undefined &&
        !("resultType" in result || "_meta" in result || "ttlMs" in result);
    const spliced = plain
        ? spliceAnswer(line, childId, id, membersFor(description, method))
        : undefined;
    const text =
        spliced ??
        stringifyResponse(id, { result: completeResult(method, carried, description.serverInfo) });
    return { text, status: 200 };
};

/** Writes the answer of a server from 2026-07-28 on: as the server said it. */
export const writeNative: WriteAnswer = ({ request: { id } }, outcome, line, childId) => {
    const spliced =
        line === undefined || "error" in outcome ? undefined : spliceAnswer(line, childId, id);
    return { text: spliced ?? stringifyResponse(id, outcome), status: statusOf(outcome) };
};

/** What every result gets, as text, made once for a server. */
const members = new WeakMap<ServerDescription, { kept: string; plain: string }>();

function membersFor(description: ServerDescription, method: string): string {
    let known = members.get(description);
    if (known === undefined) {
        const plain = JSON.stringify(completeResult("", {}, description.serverInfo)).slice(1, -1);
        known = { plain, kept: `${JSON.stringify(notKept).slice(1, -1)},${plain}` };
        members.set(description, known);
    }
    return cacheable.has(method) ? known.kept : known.plain;
}
