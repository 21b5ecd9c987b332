import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { readPages, readText } from "./connection.ts";
import type { Connection, ToolResult } from "./connection.ts";

/** Connects with SDK v1: the protocol up to 2025-11-25, with `initialize`. */
export async function connectV1(url: string, accessToken: string): Promise<Connection> {
    const client = new Client({ name: "slipway-verify", version: "1.0.0" });
    const transport = new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    });
    await client.connect(transport);
    const server = client.getServerVersion();
    return {
        sdk: "SDK v1",
        serverName: server?.name ?? "unnamed",
        serverVersion: server?.version ?? "unknown",
        protocolVersion: transport.protocolVersion ?? "unknown",
        listTools: async () => {
            const tools = await readPages(async (cursor) => {
                const page = await client.listTools({ cursor });
                return { items: page.tools, nextCursor: page.nextCursor };
            });
            return tools.map(({ name }) => name);
        },
        callTool: async (name, args) =>
            readText(name, (await client.callTool({ name, arguments: args })) as ToolResult),
        close: () => client.close(),
    };
}
