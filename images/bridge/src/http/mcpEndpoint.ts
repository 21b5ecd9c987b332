import type { IncomingMessage, ServerResponse } from "node:http";
import { classifyInboundRequest, isJsonContentType } from "@modelcontextprotocol/server";
import { buildResponse, errorCodes, type JsonObject, type RpcRequest } from "../jsonRpc.ts";
import type { LegacyRequests } from "../legacyRequests.ts";
import type { ModernRequests } from "../modernRequests.ts";
import { accepts, sendJson } from "./answer.ts";
import { accept, openExchange, readHeader, type Exchange } from "./exchange.ts";
import { readBody } from "./readBody.ts";

export interface McpEndpointArgs {
    legacy: LegacyRequests;
    modern: ModernRequests;
    /** Largest request body, in bytes. */
    bodyLimit: number;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Takes POSTs to the MCP endpoint: refuses what is no message, and gives the rest to the era it belongs to. */
export function createMcpEndpoint({ legacy, modern, bodyLimit }: McpEndpointArgs) {
    return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const { headers, method: httpMethod = "" } = request;
        if (httpMethod !== "POST") {
            // Neither era needs GET or DELETE here: there is no session whose stream could be opened or ended.
            refuse(response, 405, errorCodes.invalidRequest, "only POST is served", {
                allow: "POST",
            });
            return;
        }
        if (!isJsonContentType(headers["content-type"] ?? "")) {
            const message = "content type must be 'application/json'";
            refuse(response, 415, errorCodes.invalidRequest, message);
            return;
        }
        if (!accepts(request, "application/json") && !accepts(request, "text/event-stream")) {
            const message = "accept must allow 'application/json' or 'text/event-stream'";
            refuse(response, 406, errorCodes.invalidRequest, message);
            return;
        }
        const exchange = openExchange(request, response);
        const body = await readBody(request, bodyLimit);
        if (body === undefined) {
            const message = `the body must not be longer than ${bodyLimit} bytes`;
            // What is left of the body is not worth reading, so the connection cannot be used again.
            refuse(response, 413, errorCodes.invalidRequest, message, { connection: "close" });
            return;
        }
        let message: unknown;
        try {
            message = JSON.parse(decoder.decode(body));
        } catch {
            refuse(response, 400, errorCodes.parseError, "the body is not JSON in UTF-8");
            return;
        }
        await dispatch(exchange, message);
    };

    async function dispatch(exchange: Exchange, message: unknown): Promise<void> {
        const { headers, response } = exchange;
        const route = classifyInboundRequest({
            httpMethod: "POST",
            protocolVersionHeader: readHeader(headers, "mcp-protocol-version"),
            mcpMethodHeader: readHeader(headers, "mcp-method"),
            mcpNameHeader: readHeader(headers, "mcp-name"),
            body: message,
        });
        if (route.kind === "reject") {
            const { code, message: reason, data } = route;
            const error = { code, message: reason, ...(data !== undefined && { data }) };
            sendJson(response, route.httpStatus, buildResponse(idOf(message), { error }));
        } else if (route.kind === "modern") {
            if (route.messageKind === "notification") {
                modern.notify(exchange);
            } else {
                await modern.serve(exchange, route.message, route.classification.revision);
            }
        } else if (route.reason === "batch") {
            const reason = "send one message a request: batches ended with revision 2025-06-18";
            refuse(response, 400, errorCodes.invalidRequest, reason);
        } else {
            await serveLegacy(exchange, message as JsonObject);
        }
    }

    async function serveLegacy(exchange: Exchange, message: JsonObject): Promise<void> {
        const problem = legacy.findProblem(exchange);
        if (problem) {
            const error = { code: errorCodes.invalidRequest, message: problem.message };
            sendJson(exchange.response, problem.status, buildResponse(idOf(message), { error }));
        } else if (typeof message.method !== "string") {
            // The bridge asks clients nothing, so this answers nothing.
            accept(exchange);
        } else if (message.id === undefined) {
            legacy.notify(exchange, message as unknown as RpcRequest);
        } else {
            await legacy.serve(exchange, message as unknown as RpcRequest);
        }
    }
}

function refuse(
    response: ServerResponse,
    status: number,
    code: number,
    message: string,
    headers?: Record<string, string>,
): void {
    sendJson(response, status, buildResponse(null, { error: { code, message } }), headers);
}

function idOf(message: unknown): string | number | null {
    const id = (message as { id?: unknown } | null)?.id;
    return typeof id === "string" || typeof id === "number" ? id : null;
}
