import {
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import type { JsonObject, RequestId } from "../../src/json/jsonRpc.ts";
import { EventReader } from "./eventReader.ts";

/**
 * Opens a `subscriptions/listen` stream as a client of 2026-07-28; resolves when it is acknowledged.
 *
 * @param subject who calls, as a gateway in front of the bridge would say
 */
export async function openListening(
    url: string,
    notifications: JsonObject,
    id: RequestId = "listening",
    subject?: string,
): Promise<EventReader> {
    const method = "subscriptions/listen";
    const _meta = { [PROTOCOL_VERSION_META_KEY]: "2026-07-28", [CLIENT_CAPABILITIES_META_KEY]: {} };
    const stream = await EventReader.open(url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": method,
            ...(subject !== undefined && { "x-auth-subject": subject }),
        },
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params: { notifications, _meta } }),
    });
    await stream.count(1);
    return stream;
}
