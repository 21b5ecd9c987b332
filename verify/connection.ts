import {
    Client as ClientV2,
    StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** A connected MCP client, independent of the SDK behind it. */
export interface Connection {
    /** The SDK that connected, such as `SDK v1`. */
    readonly sdk: string;
    /** Name that the server reports. */
    readonly serverName: string;
    readonly serverVersion: string;
    /** Negotiated protocol revision, such as `2026-07-28`. */
    readonly protocolVersion: string;
    /** Names of all tools, from all pages. */
    listTools(): Promise<string[]>;
    /** Calls a tool and returns the text of its result; throws when the result has `isError`. */
    callTool(name: string, args: Record<string, unknown>): Promise<string>;
    close(): Promise<void>;
}

/** Connects with SDK v1: the protocol up to 2025-11-25, with `initialize`. */
export async function connectV1(url: string, accessToken: string): Promise<Connection> {
    const client = new ClientV1({ name: "slipway-verify", version: "1.0.0" });
    const transport = new TransportV1(new URL(url), {
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

/** Connects with SDK v2, which calls `server/discover` first and negotiates the newest common revision. */
export async function connectV2(url: string, accessToken: string): Promise<Connection> {
    const client = new ClientV2(
        { name: "slipway-verify", version: "1.0.0" },
        { versionNegotiation: { mode: "auto" } },
    );
    const transport = new TransportV2(new URL(url), {
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

/** The fields of a tool result that both SDKs return and that are read here. */
interface ToolResult {
    content?: unknown;
    isError?: unknown;
}

/** The text blocks of a tool's result, joined. */
function readText(tool: string, { content, isError }: ToolResult): string {
    const blocks = Array.isArray(content) ? (content as { type?: string; text?: string }[]) : [];
    const text = blocks.map(({ text }) => text ?? "").join("\n");
    if (isError === true) throw new Error(`tool '${tool}' failed: ${text}`);
    return text;
}

/** Reads every page of a list. */
async function readPages<Item>(
    read: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor?: string }>,
): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
        const page = await read(cursor);
        items.push(...page.items);
        cursor = page.nextCursor;
    } while (cursor !== undefined);
    return items;
}
