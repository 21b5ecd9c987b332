import { ownEnvelope } from "../stdio/handshake.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import { isRefusal } from "../json/refusal.ts";
import type { ServerProcesses } from "./serverProcesses.ts";

/** Longest wait for a list of tools that the bridge itself needs, in milliseconds. */
const listLimit = 30_000;

/**
 * Reads a page of the server's tools.
 *
 * @throws when the server cannot give it
 */
export async function listTools(
    upstreams: ServerProcesses,
    cursor: string | undefined,
): Promise<JsonObject> {
    const upstream = await upstreams.waitForShared();
    if (isRefusal(upstream)) {
        throw new Error(upstream.error.message);
    }
    const { connection, description } = upstream;
    const params = {
        ...(cursor !== undefined && { cursor }),
        ...(description.era === "modern" && { _meta: ownEnvelope }),
    };
    const outcome = await connection.request("tools/list", params, listLimit);
    if ("error" in outcome) {
        throw new Error(outcome.error.message);
    }
    return outcome.result;
}
