import type { Route } from "../gateway.ts";
import { block, type Directive, directive } from "./directive.ts";

/** What MCP clients send; `*` would never cover `Authorization`. */
const requestHeaders = [
    "Accept",
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Session-Id",
    "Traceparent",
    "Tracestate",
    "X-Request-Id",
];

/** What pages may read of an answer; without it a browser hides the challenge and the session. */
const exposedHeaders = ["Mcp-Session-Id", "Retry-After", "WWW-Authenticate", "X-Request-Id"];

/** Headers of an answer that a server may set as well; two of one would make browsers refuse both. */
export const gatewayOwnedHeaders = [
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "X-Request-Id",
];

/** Decisions that depend on the request: they are empty, and so not sent, when no page asks. */
export function buildCorsMaps(): Directive[] {
    return [
        block(
            ["map", "$request_method", "$slipway_preflight_methods"],
            [directive("default", ""), directive("OPTIONS", "GET, POST, DELETE, OPTIONS")],
        ),
        block(
            ["map", "$request_method", "$slipway_preflight_age"],
            [directive("default", ""), directive("OPTIONS", "7200")],
        ),
        // Names that are not on the list are granted one by one: `Mcp-Param-…` cannot be listed.
        block(
            [
                "map",
                "$request_method:$http_access_control_request_headers",
                "$slipway_preflight_headers",
            ],
            [
                directive("default", ""),
                directive("OPTIONS:", requestHeaders.join(", ")),
                directive(
                    "~^OPTIONS:(?<slipway_asked>[A-Za-z0-9-]+(, ?[A-Za-z0-9-]+)*)$",
                    `${requestHeaders.join(", ")}, $slipway_asked`,
                ),
            ],
        ),
    ];
}

/** The origin that is granted to the calling page, by the server it asks for. */
export function buildOriginMap(routes: Pick<Route, "server" | "cors">[]): Directive {
    const granted = routes.flatMap(({ server, cors: { origins } }) =>
        origins.map((origin) =>
            origin === "*"
                ? directive(`~^${server}:.`, "*")
                : directive(`${server}:${origin}`, origin),
        ),
    );
    return block(
        ["map", "$slipway_server:$http_origin", "$slipway_origin"],
        [directive("default", ""), ...granted],
    );
}

/** Headers of every answer to a page, errors included: without them a browser shows nothing, not even the status. */
export function buildCorsHeaders(): Directive[] {
    const headers = {
        "Access-Control-Allow-Origin": "$slipway_origin",
        "Access-Control-Allow-Methods": "$slipway_preflight_methods",
        "Access-Control-Allow-Headers": "$slipway_preflight_headers",
        "Access-Control-Max-Age": "$slipway_preflight_age",
        "Access-Control-Expose-Headers": exposedHeaders.join(", "),
        Vary: "Origin",
    };
    return Object.entries(headers).map(([name, value]) =>
        directive("add_header", name, value, "always"),
    );
}

/** Answers a preflight before anything asks for a token: browsers send none with it. */
export function buildPreflight(): Directive {
    return block(["if", "($request_method", "=", "OPTIONS)"], [directive("return", 204)]);
}
