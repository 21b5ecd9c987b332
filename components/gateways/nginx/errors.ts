import { block, type Directive, directive } from "./directive.ts";

/** What the gateway itself answers, and how it says so. */
interface GatewayError {
    status: number;
    /** Statuses inside NGINX that are told as this one. */
    from: number[];
    message: string;
    headers?: Record<string, string>;
}

const errors: GatewayError[] = [
    { status: 400, from: [400, 494, 495, 496, 497], message: "bad request" },
    { status: 401, from: [401], message: "a valid access token is required" },
    {
        status: 403,
        from: [403],
        message: "the access token lacks a scope",
        // NGINX passes on the verifier's challenge by itself with 401 only.
        headers: { "WWW-Authenticate": "$slipway_challenge" },
    },
    { status: 404, from: [404], message: "no such endpoint" },
    { status: 413, from: [413], message: "the request body is too large" },
    { status: 414, from: [414], message: "the request line is too long" },
    { status: 421, from: [421], message: "this host is not served here" },
    {
        status: 429,
        from: [429],
        message: "too many calls",
        headers: { "Retry-After": "1" },
    },
    { status: 502, from: [502], message: "the server closed the connection" },
    {
        status: 503,
        // The verifier's failures come out of auth_request as 500.
        from: [500, 503],
        message: "not available at the moment",
        headers: { "Retry-After": "1" },
    },
    { status: 504, from: [504], message: "the server did not answer in time" },
];

/** Sends every error of NGINX itself to its answer; answers of servers pass as they are. */
export function buildErrorPages(): Directive[] {
    return errors.map(({ status, from }) =>
        directive("error_page", ...from, `=${status}`, `@error_${status}`),
    );
}

/** The answers: JSON-RPC errors without id, which MCP clients can read whatever they asked. */
export function buildErrorLocations(): Directive[] {
    return errors.map(({ status, message, headers = {} }) =>
        block(
            ["location", `@error_${status}`],
            [
                directive("internal"),
                directive("add_header_inherit", "merge"),
                directive("default_type", "application/json"),
                ...Object.entries(headers).map(([name, value]) =>
                    directive("add_header", name, value, "always"),
                ),
                directive("return", status, describeError(status, message)),
            ],
        ),
    );
}

function describeError(status: number, message: string): string {
    const data = { status, requestId: "$slipway_request_id" };
    return JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message, data }, id: null });
}
