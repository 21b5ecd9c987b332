import { CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY } from "@modelcontextprotocol/server";
import type { JsonObject, RequestId } from "../../src/json/jsonRpc.ts";
import { postModern, type Answered, type Message } from "./post.ts";

export interface ModernCall {
    /** Who calls, as a gateway in front of the bridge would say. */
    subject?: string;
    /** What the client says that it can be asked. */
    capabilities?: JsonObject;
    logLevel?: string;
    progressToken?: RequestId;
    /** What a retry brings. */
    inputResponses?: JsonObject;
    requestState?: string;
    signal?: AbortSignal;
    headers?: Record<string, string>;
}

/** Calls a tool as a client of 2026-07-28. */
export function callModern(
    url: string,
    name: string,
    args: JsonObject = {},
    call: ModernCall = {},
): Promise<Answered> {
    return requestModern(url, "tools/call", { name, arguments: args }, call);
}

/** Sends any request as a client of 2026-07-28. */
export function requestModern(
    url: string,
    method: string,
    params: JsonObject,
    { subject, capabilities, logLevel, progressToken, signal, headers, ...retry }: ModernCall = {},
): Promise<Answered> {
    const _meta = {
        ...(capabilities && { [CLIENT_CAPABILITIES_META_KEY]: capabilities }),
        ...(logLevel !== undefined && { [LOG_LEVEL_META_KEY]: logLevel }),
        ...(progressToken !== undefined && { progressToken }),
    };
    return postModern(
        url,
        method,
        { ...params, ...retry, _meta },
        {
            headers: { ...(subject !== undefined && { "x-auth-subject": subject }), ...headers },
            ...(signal && { signal }),
        },
    );
}

/** What the process behind a call knows. */
export async function whoamiModern(url: string, call: ModernCall = {}): Promise<Message> {
    const { last } = await callModern(url, "whoami", {}, call);
    return JSON.parse(last.result.content[0].text);
}
