import type { JsonObject } from "../json/jsonRpc.ts";
import { restErrorCodes } from "./restError.ts";

const object = { type: "object" };
const content = {
    type: "array",
    description: "MCP content blocks: text, images, audio, resources",
    items: { ...object, required: ["type"], properties: { type: { type: "string" } } },
};
const structuredContent = { ...object, description: "The tool's value, when it gives one" };

/** Schemas of the façade itself; those of the tools have a dot in their name. */
export const fixedSchemas: JsonObject = {
    ToolList: {
        ...object,
        required: ["tools"],
        properties: { tools: { type: "array", items: { $ref: "#/components/schemas/Tool" } } },
    },
    Tool: {
        ...object,
        required: ["name", "inputSchema"],
        properties: {
            name: { type: "string" },
            title: { type: "string" },
            description: { type: "string" },
            inputSchema: { ...object, description: "JSON Schema of the arguments" },
            outputSchema: { ...object, description: "JSON Schema of the value" },
        },
    },
    Call: {
        ...object,
        required: ["tool_name"],
        properties: {
            tool_name: { type: "string" },
            tool_args: { ...object, default: {} },
        },
    },
    CallResult: {
        ...object,
        required: ["result"],
        properties: {
            result: {
                ...object,
                required: ["content"],
                properties: { content, structuredContent, isError: { type: "boolean" } },
            },
        },
    },
    ToolContent: {
        ...object,
        required: ["content"],
        properties: { content, structuredContent },
    },
    Error: {
        ...object,
        required: ["error"],
        properties: {
            error: {
                ...object,
                required: ["status", "code", "message"],
                properties: {
                    status: { type: "integer", description: "The HTTP status, again" },
                    code: { type: "string", enum: [...restErrorCodes] },
                    message: { type: "string" },
                    details: { description: "What the tool or its server said about it" },
                },
            },
        },
    },
};

const descriptions: Record<number, string> = {
    400: "The body is not what is asked for",
    401: "The token is missing or not good",
    403: "The token lacks a scope",
    404: "There is no such tool",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The arguments do not match the tool's schema",
    500: "The tool or its server failed",
    503: "The server cannot take the call now; `Retry-After` says when to try again",
    504: "The call took too long",
};
const authorization = new Set([401, 403]);

/**
 * Makes the failures an operation can have, by status.
 *
 * @param bearer whether requests need a token; without one nobody is refused for it
 */
export function buildErrorResponses(bearer: boolean): (statuses: readonly number[]) => JsonObject {
    const schema = { $ref: "#/components/schemas/Error" };
    const build = (status: number): [number, JsonObject] => [
        status,
        {
            description: descriptions[status] ?? "An error",
            content: { "application/json": { schema } },
        },
    ];
    return (statuses) =>
        Object.fromEntries(
            [...(bearer ? [401] : []), ...statuses]
                .filter((status) => bearer || !authorization.has(status))
                .map(build),
        );
}
