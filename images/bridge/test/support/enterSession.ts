import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { post } from "./post.ts";

/** The header that names a session. */
export type SessionHeaders = { "mcp-session-id": string } & Record<string, string>;

/**
 * Opens a session of 2025-11-25; gives the headers of every later request of it.
 *
 * @param headers of the request, and of every later one
 */
export async function enterSession(
    url: string,
    capabilities: JsonObject = {},
    headers: Record<string, string> = {},
): Promise<SessionHeaders> {
    const clientInfo = { name: "test", version: "1" };
    const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
    const message = { jsonrpc: "2.0", id: "initialize", method: "initialize", params };
    const answer = await post(url, message, { headers });
    const id = answer.headers.get("mcp-session-id");
    if (id === null) {
        throw new Error(`no session: ${JSON.stringify(answer.last)}`);
    }
    const session = { ...headers, "mcp-session-id": id };
    await post(url, { jsonrpc: "2.0", method: "notifications/initialized" }, { headers: session });
    return session;
}
