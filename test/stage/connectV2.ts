import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { readPages, readText } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** Connects with SDK v2, which asks `server/discover` first and so takes the newest protocol both sides speak. */
export async function connectV2(url: string, accessToken: string): Promise<Connection> {
    const client = new Client(
        { name: "slipway-verify", version: "1.0.0" },
        { versionNegotiation: { mode: "auto" } },
    );
    const transport = new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    });
    await client.connect(transport);
    const server = client.getServerVersion();
    return {
        sdk: "SDK v2",
        serverName: server?.name ?? "unnamed",
        serverVersion: server?.version ?? "unknown",
        protocolVersion: client.getNegotiatedProtocolVersion() ?? "unknown",
        listTools: async () => {
            const tools = await readPages(async (cursor) => {
                const page = await client.listTools(cursor === undefined ? {} : { cursor });
                return { items: page.tools, nextCursor: page.nextCursor };
            });
            return tools.map(({ name }) => name);
        },
        callTool: async (name, args) =>
            readText(name, await client.callTool({ name, arguments: args })),
        close: () => client.close(),
    };
}
