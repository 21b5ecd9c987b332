import { legacyVersions, type ServerDescription } from "../child/handshake.ts";
import type { WriteAnswer } from "../forwarder.ts";
import { stringifyResponse, type JsonObject } from "../jsonRpc.ts";
import type { Plan } from "../isolationPlan.ts";
import { carriedCapabilities, carriedResult, silentCapabilities } from "./carried.ts";
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
    plan: Plan,
): JsonObject {
    return {
        protocolVersion,
        capabilities: offerCapabilities(server.capabilities, plan),
        serverInfo: server.serverInfo,
        ...(server.instructions !== undefined && { instructions: server.instructions }),
    };
}

function offerCapabilities(capabilities: JsonObject, plan: Plan): JsonObject {
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
export const writeOwn: WriteAnswer = (id, outcome, _, line, childId) => {
    const spliced = line === undefined ? undefined : spliceAnswer(line, childId, id);
    return { text: spliced ?? stringifyResponse(id, outcome), status: 200 };
};

/** Writes the answer of a shared process to a list of tools. */
export const writeSharedList: WriteAnswer = (id, outcome, ...rest) => {
    if ("error" in outcome) {
        return writeOwn(id, outcome, ...rest);
    }
    const result = carriedResult("tools/list", outcome.result);
    return result === outcome.result
        ? writeOwn(id, outcome, ...rest)
        : { text: stringifyResponse(id, { result }), status: 200 };
};
