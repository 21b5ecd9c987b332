import { envelope, legacyVersions, type ServerDescription } from "../../stdio/handshake.ts";
import type { WriteAnswer } from "../../calls/mcpStrategy.ts";
import { isObject, stringifyResponse, type JsonObject } from "../../json/jsonRpc.ts";
import type { ProcessScope } from "../../calls/processScope.ts";
import { carriedCapabilities, carriedResult, silentCapabilities } from "./capabilities.ts";
import { spliceAnswer } from "./spliceAnswer.ts";

/** Whether a revision with an `initialize` handshake is one the bridge speaks. */
export function isLegacyVersion(version: unknown): boolean {
    return (legacyVersions as readonly unknown[]).includes(version);
}

/** The version to speak with a client that asks for one: that one, or the newest when it is unknown. */
export function negotiateVersion(requested: unknown): string {
    return isLegacyVersion(requested) ? String(requested) : legacyVersions[0];
}

/**
 * Answers a client's `initialize` from what the server said about itself.
 *
 * @param plan whose process serves the session
 */
export function buildInitializeResult(
    server: ServerDescription,
    protocolVersion: string,
    plan: ProcessScope,
): JsonObject {
    return {
        protocolVersion,
        capabilities: offerCapabilities(server.capabilities, plan),
        serverInfo: server.serverInfo,
        ...(server.instructions !== undefined && { instructions: server.instructions }),
    };
}

function offerCapabilities(capabilities: JsonObject, plan: ProcessScope): JsonObject {
    switch (plan) {
        case "session":
            return capabilities;
        case "shared":
            return carriedCapabilities(capabilities);
        default:
            return silentCapabilities(carriedCapabilities(capabilities));
    }
}

/** Writes the answer of a process that belongs to the client alone: as the server said it. */
export const writeOwn: WriteAnswer = ({ request: { id } }, outcome, line, childId) => {
    const spliced = line === undefined ? undefined : spliceAnswer(line, childId, id);
    return { text: spliced ?? stringifyResponse(id, outcome), status: 200 };
};

/** Writes the answer of a shared process to a list of tools. */
export const writeSharedList: WriteAnswer = (call, outcome, line, childId) => {
    if ("error" in outcome) {
        return writeOwn(call, outcome, line, childId);
    }
    const result = carriedResult("tools/list", outcome.result);
    return result === outcome.result
        ? writeOwn(call, outcome, line, childId)
        : { text: stringifyResponse(call.request.id, { result }), status: 200 };
};

/** Members of results from 2026-07-28 on that earlier revisions do not have. */
const newMembers = ["resultType", "ttlMs", "cacheScope"];

/** Writes the answer of a server from 2026-07-28 on for a client up to 2025-11-25. */
export const writePlain: WriteAnswer = ({ request: { id } }, outcome) => {
    const plain = "error" in outcome ? outcome : { result: removeNewMembers(outcome.result) };
    return { text: stringifyResponse(id, plain), status: 200 };
};

function removeNewMembers(result: JsonObject): JsonObject {
    const kept = { ...result };
    newMembers.forEach((member) => delete kept[member]);
    if (isObject(kept._meta)) {
        const meta = Object.entries(kept._meta).filter(([key]) => key !== envelope.serverInfo);
        if (meta.length === 0) {
            delete kept._meta;
        } else {
            kept._meta = Object.fromEntries(meta);
        }
    }
    return kept;
}
