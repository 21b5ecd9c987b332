import { isObject, type JsonObject, type Outcome } from "../json/jsonRpc.ts";
import type { Connection } from "./connection.ts";

/** Revisions of MCP with an `initialize` handshake, newest first. */
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

/** Revisions of MCP without a handshake. */
export const modernVersions: readonly string[] = ["2026-07-28"];

/** The bridge, as a server sees its client. */
export const clientInfo = { name: "slipway-bridge", version: "0.1.0" };

/** How keys begin in `_meta` that belong to the protocol. */
export const reservedPrefix = "io.modelcontextprotocol/";

/** Keys of the envelope in each request's `_meta` from 2026-07-28 on. */
export const envelope = {
    protocolVersion: "io.modelcontextprotocol/protocolVersion",
    clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
    clientInfo: "io.modelcontextprotocol/clientInfo",
    logLevel: "io.modelcontextprotocol/logLevel",
    serverInfo: "io.modelcontextprotocol/serverInfo",
    subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** What a server says about itself. */
export interface ServerDescription {
    /** `legacy` up to 2025-11-25, `modern` from 2026-07-28 on. */
    era: "legacy" | "modern";
    protocolVersion: string;
    capabilities: JsonObject;
    serverInfo: JsonObject;
    instructions?: string;
}

/** Why a server is none the bridge can serve. */
export interface HandshakeFailure {
    /** Continues a sentence that begins with "the server". */
    reason: string;
    /** Whether the server itself said so; false when it ended, or did not answer in time. */
    answered: boolean;
}

/** Whether a handshake failed. */
export function isFailure(found: ServerDescription | HandshakeFailure): found is HandshakeFailure {
    return "reason" in found;
}

/** The handshake of a process with many clients: no capabilities, because it has no one client to ask. */
export const sharedInitializeParams: JsonObject = {
    protocolVersion: legacyVersions[0],
    capabilities: {},
    clientInfo,
};

/** The envelope of a request that the bridge makes by itself. */
export const ownEnvelope: JsonObject = {
    [envelope.protocolVersion]: modernVersions[0],
    [envelope.clientCapabilities]: {},
    [envelope.clientInfo]: clientInfo,
};

/** Shakes hands as a client up to 2025-11-25 does. */
export async function initialize(
    connection: Connection,
    params: JsonObject,
    limit: number,
): Promise<ServerDescription | HandshakeFailure> {
    const outcome = await connection.request("initialize", params, limit);
    const description = readInitializeResult(connection, outcome, limit);
    if (!isFailure(description)) {
        connection.notify("notifications/initialized");
    }
    return description;
}

/** Asks what a server of 2026-07-28 is. */
export async function discover(
    connection: Connection,
    limit: number,
): Promise<ServerDescription | HandshakeFailure> {
    const params = { _meta: ownEnvelope };
    const outcome = await connection.request("server/discover", params, limit);
    if ("error" in outcome) {
        return explain(connection, "server/discover", outcome, limit);
    }
    const { supportedVersions, capabilities, instructions, _meta } = outcome.result;
    const version = modernVersions.find(
        (candidate) => Array.isArray(supportedVersions) && supportedVersions.includes(candidate),
    );
    if (version === undefined || !isObject(capabilities)) {
        const reason = `answered 'server/discover' without '${modernVersions[0]}' among its versions`;
        return { reason, answered: true };
    }
    const info = isObject(_meta) ? _meta[envelope.serverInfo] : undefined;
    return {
        era: "modern",
        protocolVersion: version,
        capabilities,
        serverInfo: isObject(info) ? info : { name: "unknown", version: "0" },
        ...(typeof instructions === "string" && { instructions }),
    };
}

function readInitializeResult(
    connection: Connection,
    outcome: Outcome,
    limit: number,
): ServerDescription | HandshakeFailure {
    if ("error" in outcome) {
        return explain(connection, "initialize", outcome, limit);
    }
    const { protocolVersion, capabilities, serverInfo, instructions } = outcome.result;
    if (!(legacyVersions as readonly unknown[]).includes(protocolVersion)) {
        const known = legacyVersions.join(", ");
        const reason = `answered 'initialize' with protocol version '${String(protocolVersion)}'; it must be one of ${known}`;
        return { reason, answered: true };
    }
    if (!isObject(capabilities) || !isObject(serverInfo)) {
        const reason = "answered 'initialize' without 'capabilities' or 'serverInfo'";
        return { reason, answered: true };
    }
    return {
        era: "legacy",
        protocolVersion: String(protocolVersion),
        capabilities,
        serverInfo,
        ...(typeof instructions === "string" && { instructions }),
    };
}

function explain(
    { over }: Connection,
    method: string,
    { error }: Extract<Outcome, { error: unknown }>,
    limit: number,
): HandshakeFailure {
    if (isObject(error.data) && error.data.timeout === true) {
        return { reason: `did not answer '${method}' within ${limit} ms`, answered: false };
    }
    return over
        ? { reason: `did not answer '${method}': ${error.message}`, answered: false }
        : { reason: `refused '${method}': ${error.message} (${error.code})`, answered: true };
}
