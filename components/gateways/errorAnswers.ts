/** An error that the gateway itself answers with. */
export interface ErrorAnswer {
    status: number;
    message: string;
    /**
     * Seconds after which a client may try again (`Retry-After`).
     *
     * @default none
     */
    retrySeconds?: number;
}

/** Errors of the gateway; responses of servers pass unchanged. */
export const errorAnswers: ErrorAnswer[] = [
    { status: 400, message: "bad request" },
    { status: 401, message: "a valid access token is required" },
    { status: 403, message: "the access token lacks a scope" },
    { status: 404, message: "no such endpoint" },
    { status: 405, message: "the method is not allowed" },
    { status: 413, message: "the request body is too large" },
    { status: 414, message: "the request line is too long" },
    { status: 421, message: "this host is not served here" },
    { status: 429, message: "too many calls", retrySeconds: 1 },
    { status: 431, message: "the request headers are too large" },
    { status: 501, message: "not implemented" },
    { status: 502, message: "the server closed the connection" },
    { status: 503, message: "not available at the moment", retrySeconds: 1 },
    { status: 504, message: "the server did not answer in time" },
    { status: 505, message: "this version of HTTP is not supported" },
];

/** Body of an error: a JSON-RPC error without id, which MCP clients understand for any request. */
export function buildErrorBody({ status, message }: ErrorAnswer, requestId: string): string {
    const data = { status, requestId };
    return JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message, data }, id: null });
}
