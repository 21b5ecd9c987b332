/** Request headers of MCP clients; `*` would not include `Authorization`. */
export const requestHeaders = [
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

/** Response headers that pages may read; browsers hide all others, such as challenge and session id. */
export const exposedHeaders = ["Mcp-Session-Id", "Retry-After", "WWW-Authenticate", "X-Request-Id"];

/** Response headers that the gateway sets itself: browsers reject a header that appears twice. */
export const gatewayOwnedHeaders = [
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "X-Request-Id",
];

/** Methods that pages may use. */
export const corsMethods = ["GET", "POST", "DELETE", "OPTIONS"];

/** How long browsers may cache a preflight response, in seconds. */
export const preflightSeconds = 7200;
