/** One connected MCP client, whichever SDK speaks for it. */
export interface Connection {
    /** The SDK that connected, such as `SDK v1`. */
    readonly sdk: string;
    /** What the server calls itself. */
    readonly serverName: string;
    readonly serverVersion: string;
    /** The protocol revision both sides agreed on, such as `2026-07-28`. */
    readonly protocolVersion: string;
    /** Names of all tools, over every page. */
    listTools(): Promise<string[]>;
    /** Calls a tool and gives the text of its result; a result with `isError` is thrown. */
    callTool(name: string, args: Record<string, unknown>): Promise<string>;
    close(): Promise<void>;
}

/** What both SDKs give back for a tool call, as far as it is read here. */
export interface ToolResult {
    content?: unknown;
    isError?: unknown;
}

/** The text blocks of a tool's result, joined. */
export function readText(tool: string, { content, isError }: ToolResult): string {
    const blocks = Array.isArray(content) ? (content as { type?: string; text?: string }[]) : [];
    const text = blocks.map(({ text }) => text ?? "").join("\n");
    if (isError === true) throw new Error(`tool '${tool}' failed: ${text}`);
    return text;
}

/** Reads every page of a list. */
export async function readPages<Item>(
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
