import type { IncomingMessage, ServerResponse } from "node:http";
import { wellKnown } from "../auth/challenge.ts";

export interface CorsArgs {
    /** Origins whose pages may call, such as `https://inspector.example.org`; `*` is every one. */
    origins: readonly string[];
    /** Path of the MCP endpoint. */
    mcpPath: string;
}

/** Headers that clients send; those of tools' parameters, `Mcp-Param-*`, are allowed as they are asked for. */
const requestHeaders = [
    ...["Accept", "Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
    ...["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id"],
    ...["Traceparent", "Tracestate", "Baggage", "X-Request-Id"],
].join(", ");
/** Headers of answers that pages may read; browsers hide all others, such as the challenge and the session's id. */
const exposedHeaders = "ETag, Mcp-Session-Id, Retry-After, WWW-Authenticate";
const methods = "GET, HEAD, POST, DELETE";
/** How long browsers may remember the answer to a preflight, in seconds: two hours, beyond which Chromium does not go. */
const preflightSeconds = "7200";
const paramHeader = /^mcp-param-[\w-]+$/i;
/** Served for the operator, not for pages. */
const internalPaths = new Set(["/livez", "/readyz", "/health", "/metrics"]);

/**
 * Makes what lets pages of other origins call (CORS). No credentials of the browser are ever allowed: a token is a header
 * that the page sends itself.
 *
 * @returns a function that puts the headers on an answer to be, and answers preflights; true when it has answered
 */
export function createCors({ origins, mcpPath }: CorsArgs) {
    const any = origins.includes("*");

    return (request: IncomingMessage, response: ServerResponse): boolean => {
        const { url = "", method, headers } = request;
        const [path = ""] = url.split("?", 1);
        if (path !== mcpPath && internalPaths.has(path)) {
            return false;
        }
        const { origin } = headers;
        const preflight = method === "OPTIONS" && "access-control-request-method" in headers;
        // Where the origin makes a difference, an answer must not be kept for another one.
        if (!any) {
            response.setHeader("vary", "Origin");
        }
        if (origin === undefined || !(any || origins.includes(origin))) {
            return false;
        }
        // Whoever issues tokens is told to everybody.
        const open = any || path.startsWith(wellKnown);
        response.setHeader("access-control-allow-origin", open ? "*" : origin);
        if (!preflight) {
            response.setHeader("access-control-expose-headers", exposedHeaders);
            return false;
        }
        const asked = (headers["access-control-request-headers"] ?? "").split(",");
        const params = asked.map((name) => name.trim()).filter((name) => paramHeader.test(name));
        response.setHeader("access-control-allow-methods", methods);
        response.setHeader("access-control-allow-headers", [requestHeaders, ...params].join(", "));
        response.setHeader("access-control-max-age", preflightSeconds);
        const vary = "Access-Control-Request-Headers";
        response.setHeader("vary", any ? vary : `Origin, ${vary}`);
        response.writeHead(204).end();
        return true;
    };
}
