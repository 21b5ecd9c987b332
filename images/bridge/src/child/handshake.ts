import { isObject, type JsonObject, type Outcome } from "../jsonRpc.ts";

/** Revisions of MCP with an `initialize` handshake, newest first. */
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

/** What a server says about itself in the handshake. */
export interface ServerDescription {
    protocolVersion: string;
    capabilities: JsonObject;
    serverInfo: JsonObject;
    instructions?: string;
}

/** The handshake the bridge opens: no capabilities, because a shared server has no one client to ask. */
export const initializeParams: JsonObject = {
    protocolVersion: legacyVersions[0],
    capabilities: {},
    clientInfo: { name: "slipway-bridge", version: "0.1.0" },
};

/** Reads the answer to `initialize`; a string says why it is none the bridge can serve. */
export function readDescription(outcome: Outcome): ServerDescription | string {
    if ("error" in outcome) {
        return `refused 'initialize': ${outcome.error.message} (${outcome.error.code})`;
    }
    const { protocolVersion, capabilities, serverInfo, instructions } = outcome.result;
    if (!(legacyVersions as readonly unknown[]).includes(protocolVersion)) {
        const known = legacyVersions.join(", ");
        return `answered 'initialize' with protocol version '${String(protocolVersion)}'; it must be one of ${known}`;
    }
    if (!isObject(capabilities) || !isObject(serverInfo)) {
        return "answered 'initialize' without 'capabilities' or 'serverInfo'";
    }
    return {
        protocolVersion: String(protocolVersion),
        capabilities,
        serverInfo,
        ...(typeof instructions === "string" && { instructions }),
    };
}
