import type { JsonObject } from "../json/jsonRpc.ts";
import type { Tool } from "../processes/toolCatalog.ts";
import { embedSchema } from "./embedSchema.ts";
import { buildErrorResponses, fixedSchemas } from "./openApiParts.ts";
import { buildToolPath } from "./toolPath.ts";

/** What the document says of the server. */
export interface ServerTitle {
    title: string;
    version: string;
    /** Markdown. */
    description?: string;
}

export interface OpenApiArgs {
    server: ServerTitle;
    tools: readonly Tool[];
    /** Whether requests need a bearer token. */
    bearer: boolean;
}

const json = (schema: JsonObject): JsonObject => ({ "application/json": { schema } });
const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** Describes the façade in OpenAPI 3.1, with an operation for each tool. */
export function buildOpenApi({ server, tools, bearer }: OpenApiArgs): JsonObject {
    const schemas: JsonObject = { ...fixedSchemas };
    const paths: JsonObject = {};
    const names = new Set(tools.map(({ name }) => name));
    const failures = buildErrorResponses(bearer);
    const free = (id: string): string => (names.has(id) ? free(`${id}_`) : id);

    paths["/tools"] = {
        get: {
            operationId: free("list_tools"),
            summary: "Every tool with its schemas",
            tags: ["server"],
            responses: {
                200: { description: "The tools", content: json(ref("ToolList")) },
                ...failures([503]),
            },
        },
    };
    paths["/call"] = {
        post: {
            operationId: free("call_tool"),
            summary: "Call a tool by its name",
            description:
                "Answers with MCP's result as it is. A tool that failed answers with status 200, too: its result has `isError`.",
            tags: ["server"],
            requestBody: { required: true, content: json(ref("Call")) },
            responses: {
                200: { description: "The tool's result", content: json(ref("CallResult")) },
                ...failures([400, 403, 404, 413, 415, 422, 500, 503, 504]),
            },
        },
    };
    for (const tool of tools) {
        const path = buildToolPath(tool.name);
        if (path !== undefined) {
            paths[path] = { post: buildOperation(tool, schemas, failures) };
        }
    }
    return {
        openapi: "3.1.1",
        info: { ...server },
        // Relative to the document, so that it holds behind a gateway that adds a prefix.
        servers: [{ url: "." }],
        tags: [
            { name: "tools", description: "An operation for each tool" },
            { name: "server", description: "Tools in general" },
        ],
        ...(bearer && { security: [{ bearer: [] }] }),
        paths,
        components: {
            schemas,
            ...(bearer && { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } }),
        },
    };
}

/** The operation of one tool, whose schemas it adds to `schemas`. */
function buildOperation(
    tool: Tool,
    schemas: JsonObject,
    failures: ReturnType<typeof buildErrorResponses>,
): JsonObject {
    const { name, title, description, inputSchema, outputSchema } = tool;
    const add = (kind: string, schema: JsonObject): JsonObject => {
        const key = findFreeKey(`${name.replaceAll(/[^A-Za-z0-9._-]/g, "_")}.${kind}`, schemas);
        schemas[key] = embedSchema(schema, `#/components/schemas/${key}`);
        return ref(key);
    };
    const value = outputSchema === undefined ? ref("ToolContent") : add("output", outputSchema);
    const required = Array.isArray(inputSchema.required) && inputSchema.required.length > 0;
    return {
        operationId: name,
        summary: title ?? name,
        ...(description !== undefined && { description }),
        tags: ["tools"],
        requestBody: { required, content: json(add("input", inputSchema)) },
        responses: {
            200: { description: "What the tool gave", content: json(value) },
            ...failures([400, 403, 404, 413, 415, 422, 500, 503, 504]),
        },
    };
}

/** Names that differ may be the same once spelled in the few characters a key can have. */
function findFreeKey(key: string, taken: JsonObject): string {
    let free = key;
    for (let count = 2; Object.hasOwn(taken, free); count++) {
        free = `${key}-${count}`;
    }
    return free;
}
