import { isObject, type JsonObject } from "../../json/jsonRpc.ts";

/** Headers that repeat parts of a request's body, so that what stands between need not read it. */
export interface StandardHeaders {
    protocolVersion: string | undefined;
    method: string | undefined;
    name: string | undefined;
}

/** Where in the body the value of `Mcp-Name` is. */
const nameSource: Record<string, string> = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
};

const sentinel = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/**
 * Finds what is missing or wrong in the headers of a request of 2026-07-28. `classifyInboundRequest` compares the
 * version and the method when they are there; that they are, and the name, is left to the endpoint.
 */
export function findHeaderProblem(
    headers: StandardHeaders,
    method: string,
    params: JsonObject | undefined,
): string | undefined {
    if (headers.protocolVersion === undefined) {
        return "header 'MCP-Protocol-Version' is missing";
    }
    if (headers.method === undefined) {
        return `header 'Mcp-Method' is missing; the body names '${method}'`;
    }
    const source = Object.hasOwn(nameSource, method) ? nameSource[method] : undefined;
    const expected = source && isObject(params) ? params[source] : undefined;
    if (typeof expected !== "string") {
        return undefined;
    }
    if (headers.name === undefined) {
        return `header 'Mcp-Name' is missing; the body has params.${source} '${expected}'`;
    }
    const name = decodeName(headers.name.trim());
    return name === expected
        ? undefined
        : `header 'Mcp-Name' must be params.${source} of the body, '${expected}', got '${headers.name}'`;
}

/** Undoes the encoding of values that a header cannot carry as they are. */
function decodeName(value: string): string | undefined {
    const encoded = sentinel.exec(value)?.[1];
    if (encoded === undefined) {
        return value.startsWith("=?base64?") ? undefined : value;
    }
    return Buffer.from(encoded, "base64").toString("utf8");
}
