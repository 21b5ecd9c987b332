import {
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import type { JsonObject, RequestId } from "../../src/json/jsonRpc.ts";

/** A message as a test looks at it: each property may be there. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Message = any;

/** What a raw POST got back. */
export interface Answered {
    status: number;
    headers: Headers;
    type: string | null;
    /** Every message, in order: those of the stream, or the one document. Events without one are left out. */
    messages: Message[];
    /** The last message. */
    last: Message;
}

interface PostOptions {
    headers?: Record<string, string>;
    signal?: AbortSignal;
}

/** Sends one message as a client of the era before 2026-07-28. */
export async function post(
    url: string,
    message: unknown,
    { headers, signal }: PostOptions = {},
): Promise<Answered> {
    const response = await fetch(url, {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            ...headers,
        },
        body: typeof message === "string" ? message : JSON.stringify(message),
        signal: signal ?? null,
    });
    return await readAnswer(response);
}

/** Sends one request of 2026-07-28, with its envelope and headers. */
export async function postModern(
    url: string,
    method: string,
    params: JsonObject = {},
    { headers, signal }: PostOptions = {},
): Promise<Answered> {
    const _meta = {
        [PROTOCOL_VERSION_META_KEY]: "2026-07-28",
        [CLIENT_CAPABILITIES_META_KEY]: {},
        ...(params._meta as JsonObject | undefined),
    };
    const name = params.name ?? params.uri;
    return await post(
        url,
        { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } },
        {
            headers: {
                "mcp-protocol-version": "2026-07-28",
                "mcp-method": method,
                ...(typeof name === "string" && { "mcp-name": name }),
                ...headers,
            },
            ...(signal && { signal }),
        },
    );
}

/** A `tools/call` request. */
export function callTool(
    name: string,
    args: JsonObject = {},
    { id = 1, progressToken }: { id?: RequestId; progressToken?: RequestId } = {},
): JsonObject {
    const _meta = progressToken === undefined ? {} : { _meta: { progressToken } };
    return {
        jsonrpc: "2.0",
        id,
        method: "tools/call",
        params: { name, arguments: args, ..._meta },
    };
}

/** The text of a tool's result. */
export function textOf({ last }: Answered): string {
    return last.result.content[0].text;
}

async function readAnswer(response: Response): Promise<Answered> {
    const { status, headers } = response;
    const type = headers.get("content-type");
    const body = await response.text();
    const messages =
        type === "text/event-stream"
            ? [...body.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ""))
            : body === ""
              ? []
              : [JSON.parse(body)];
    return { status, headers, type, messages, last: messages.at(-1) };
}
