import { isUtf8 } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { classifyInboundRequest } from "@modelcontextprotocol/server";
import { Lazy } from "../collections/lazy.ts";
import { modernVersions, reservedPrefix } from "../stdio/handshake.ts";
import {
    errorCodes,
    isObject,
    isRequestId,
    stringifyResponse,
    type JsonObject,
    type RequestId,
    type RpcRequest,
} from "../json/jsonRpc.ts";
import type { ModernEndpoint } from "./modern/modernEndpoint.ts";
import { deepestNesting, isTooDeep } from "../json/nesting.ts";
import { notLoaded } from "../json/refusal.ts";
import { keepSource } from "../json/sourceText.ts";
import type { LegacyEndpoint } from "./legacy/legacyEndpoint.ts";
import type { Session } from "./legacy/session.ts";
import { accepts } from "../http/accepts.ts";
import { finish, readHeader, type Exchange } from "../http/exchange.ts";
import { isJson } from "../http/isJson.ts";
import { isPlainModern } from "./isPlainModern.ts";
import { keepLongNumbers, withoutLongNumbers } from "./longNumbers.ts";
import { readBody } from "../http/readBody.ts";
import type { Log } from "../log/log.ts";
import { refuse, writeJson } from "../http/writeJson.ts";

type Classify = typeof classifyInboundRequest;

export interface McpEndpointArgs {
    legacy: LegacyEndpoint;
    modern: ModernEndpoint;
    /** Largest request body, in bytes. */
    bodyLimit: number;
    log: Log;
}

/** Takes POSTs to the MCP endpoint: refuses what is no message, and gives the rest to the era it belongs to. */
export function createMcpEndpoint({ legacy, modern, bodyLimit, log }: McpEndpointArgs) {
    /** The SDK's judge of eras: a tenth of the program, so it is there from the first client on that needs it. */
    const sdk = new Lazy<Classify>(() =>
        import("@modelcontextprotocol/server").then((loaded) => loaded.classifyInboundRequest),
    );

    return (exchange: Exchange, session: Session | undefined): void => {
        const { response, request, headers } = exchange;
        if (!isJson(headers["content-type"])) {
            refuseInvalid(response, 415, "content type must be 'application/json'");
            return;
        }
        if (
            !accepts(headers.accept, "application/json") &&
            !accepts(headers.accept, "text/event-stream")
        ) {
            const message = "accept must allow 'application/json' or 'text/event-stream'";
            refuseInvalid(response, 406, message);
            return;
        }
        readBody(request, bodyLimit, (body) => {
            if (body === undefined) {
                const message = `the body must not be longer than ${bodyLimit} bytes`;
                // What is left of the body is not worth reading, so the connection cannot be used again.
                refuseInvalid(response, 413, message, { connection: "close" });
                return;
            }
            exchange.body = body;
            const message = parse(body);
            if (message === undefined) {
                const error = {
                    code: errorCodes.parseError,
                    message: `the body must be JSON in UTF-8, nested at most ${deepestNesting} levels deep`,
                };
                refuse(response, 400, error);
            } else {
                dispatch(exchange, session, message);
            }
        });
    };

    function dispatch(exchange: Exchange, session: Session | undefined, message: unknown): void {
        const version = exchange.headers["mcp-protocol-version"];
        // Nothing else can make it a message of the later era, and asking the SDK costs as much as all the rest.
        const modernVersion = typeof version === "string" && !(version < "2026");
        if (isObject(message) && !modernVersion && !hasEnvelope(message)) {
            legacy.take(exchange, session, message);
        } else if (isPlainModern(exchange.headers, message)) {
            modern.serve(exchange, message, modernVersions[0]);
        } else if (sdk.value === undefined) {
            void loadAndDecide(exchange, session, message);
        } else {
            decide(sdk.value, exchange, session, message);
        }
    }

    async function loadAndDecide(
        exchange: Exchange,
        session: Session | undefined,
        message: unknown,
    ): Promise<void> {
        let classify: Classify;
        try {
            classify = await sdk.load();
        } catch (error) {
            log("error", "library not loaded", { reason: (error as Error).message });
            const { status, error: refusal, headers = [] } = notLoaded;
            exchange.addHeaders(headers);
            finish(exchange, idOf(message), { error: refusal }, status);
            return;
        }
        decide(classify, exchange, session, message);
    }

    function decide(
        judge: Classify,
        exchange: Exchange,
        session: Session | undefined,
        message: unknown,
    ): void {
        const { headers, response } = exchange;
        const judged = withoutLongNumbers(message);
        const route = judge({
            httpMethod: "POST",
            protocolVersionHeader: readHeader(headers, "mcp-protocol-version"),
            mcpMethodHeader: readHeader(headers, "mcp-method"),
            mcpNameHeader: readHeader(headers, "mcp-name"),
            body: judged,
        });
        if (route.kind === "reject") {
            const { code, message: reason, data } = route;
            const error = { code, message: reason, ...(data !== undefined && { data }) };
            writeJson(response, route.httpStatus, stringifyResponse(idOf(message), { error }));
        } else if (route.kind === "modern") {
            if (route.messageKind === "notification") {
                modern.notify(exchange);
            } else {
                const { revision } = route.classification;
                const request = judged === message ? route.message : (message as RpcRequest);
                modern.serve(exchange, request, revision);
            }
        } else if (route.reason === "batch" || !isObject(message)) {
            const reason = "send one message a request: batches ended with revision 2025-06-18";
            refuseInvalid(response, 400, reason);
        } else {
            legacy.take(exchange, session, message);
        }
    }
}

/** Whether a message says of itself that it is one of 2026-07-28, or may be meant to. */
function hasEnvelope({ params }: JsonObject): boolean {
    const meta = isObject(params) ? params._meta : undefined;
    return isObject(meta) && Object.keys(meta).some((key) => key.startsWith(reservedPrefix));
}

function parse(body: Buffer): unknown {
    if (!isUtf8(body) || isTooDeep(body)) {
        return undefined;
    }
    const text = body.toString("utf8");
    let message: unknown;
    try {
        message = JSON.parse(text);
    } catch {
        return undefined;
    }
    if (isObject(message)) {
        keepSource(message, text, body);
        keepLongNumbers(message, body);
    }
    return message;
}

function refuseInvalid(
    response: ServerResponse,
    status: number,
    message: string,
    headers?: Record<string, string>,
): void {
    refuse(response, status, { code: errorCodes.invalidRequest, message }, headers);
}

function idOf(message: unknown): RequestId | null {
    const id = isObject(message) ? message.id : undefined;
    return isRequestId(id) ? id : null;
}
