import { legacyVersions, type ServerDescription } from "../child/handshake.ts";
import type { JsonObject } from "../jsonRpc.ts";
import { carriedCapabilities } from "./carried.ts";

/** Whether a revision with an `initialize` handshake is one the bridge speaks. */
export function isLegacyVersion(version: unknown): boolean {
    return (legacyVersions as readonly unknown[]).includes(version);
}

/**
 * Answers a client's `initialize` from what the server said in its one handshake: the version the client asked for,
 * or the newest one of its era when that is unknown.
 */
export function buildInitializeResult(
    server: ServerDescription,
    requestedVersion: unknown,
): JsonObject {
    return {
        protocolVersion: isLegacyVersion(requestedVersion) ? requestedVersion : legacyVersions[0],
        capabilities: carriedCapabilities(server.capabilities, false),
        serverInfo: server.serverInfo,
        ...(server.instructions !== undefined && { instructions: server.instructions }),
    };
}
