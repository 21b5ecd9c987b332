import {
    Client as ClientV2,
    StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import {
    StreamableHTTPError as HttpErrorV1,
    StreamableHTTPClientTransport as TransportV1,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** What is read here of a tool. */
export interface ListedTool {
    name: string;
    /** JSON Schema of its arguments. */
    inputSchema: object;
}

/** A connected MCP client, independent of the SDK behind it. */
export interface Connection {
    /** The SDK that connected, such as `SDK v1`. */
    readonly sdk: string;
    /** Name that the server reports. */
    readonly serverName: string;
    readonly serverVersion: string;
    /** Negotiated protocol revision, such as `2026-07-28`. */
    readonly protocolVersion: string;
    /** Whether the server keeps a session for this connection. */
    readonly hasSession: boolean;
    /** Asks the server for an empty answer. */
    ping(): Promise<void>;
    /** All tools, from all pages. */
    listTools(): Promise<ListedTool[]>;
    /** Calls a tool and returns the text of its result; throws when the result has `isError`. */
    callTool(name: string, args: Record<string, unknown>): Promise<string>;
    close(): Promise<void>;
}

/** The server has refused a session that it opened itself: a pod answered that does not have it. */
export class LostSessionError extends Error {}

/** Connects with SDK v1: the protocol up to 2025-11-25, with `initialize`. */
export async function connectV1(url: string, accessToken: string): Promise<Connection> {
    const client = new ClientV1({ name: "slipway-verify", version: "1.0.0" });
    const transport = new TransportV1(new URL(url), {
        requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    });
    const withinSession = async <T>(call: Promise<T>): Promise<T> => {
        try {
            return await call;
        } catch (error) {
            if (transport.sessionId === undefined || !refusesSession(error)) throw error;
            throw new LostSessionError("the session that the server has opened was refused", {
                cause: error,
            });
        }
    };
    await withinSession(client.connect(transport));
    const server = client.getServerVersion();
    return {
        sdk: "SDK v1",
        hasSession: transport.sessionId !== undefined,
        ping: async () => void (await withinSession(client.ping())),
        serverName: server?.name ?? "unnamed",
        serverVersion: server?.version ?? "unknown",
        protocolVersion: transport.protocolVersion ?? "unknown",
        listTools: () =>
            readPages(async (cursor) => {
                const page = await withinSession(client.listTools({ cursor }));
                return { items: page.tools, nextCursor: page.nextCursor };
            }),
        callTool: async (name, args) =>
            readText(
                name,
                (await withinSession(client.callTool({ name, arguments: args }))) as ToolResult,
            ),
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
        hasSession: transport.sessionId !== undefined,
        ping: async () => void (await client.ping()),
        serverName: server?.name ?? "unnamed",
        serverVersion: server?.version ?? "unknown",
        protocolVersion: client.getNegotiatedProtocolVersion() ?? "unknown",
        listTools: () =>
            readPages(async (cursor) => {
                const page = await client.listTools(cursor === undefined ? {} : { cursor });
                return { items: page.tools, nextCursor: page.nextCursor };
            }),
        callTool: async (name, args) =>
            readText(name, await client.callTool({ name, arguments: args })),
        close: () => client.close(),
    };
}

/** 404 is the answer of the specification; older servers answer 400 with a text about the session. */
function refusesSession(error: unknown): boolean {
    return (
        error instanceof HttpErrorV1 &&
        (error.code === 404 || (error.code === 400 && /session/i.test(error.message)))
    );
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
