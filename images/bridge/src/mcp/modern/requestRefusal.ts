import { modernVersions } from "../../stdio/handshake.ts";
import { isForwardable } from "../translate/capabilities.ts";
import { findHeaderProblem } from "./standardHeaders.ts";
import { readHeader, type Exchange } from "../../http/exchange.ts";
import { errorCodes, type RpcError, type RpcRequest } from "../../json/jsonRpc.ts";
import { unavailable, type Refusal } from "../../json/refusal.ts";

/** Refuses a request because the server is not there. */
export const notReady = unavailable("the server is not ready; try again");

/** Refuses a request of 2026-07-28 for what it says. */
export function badRequest(code: number, message: string): Refusal {
    return { status: 400, error: { code, message } };
}

/** Refuses parameters; the HTTP request itself is good. */
export function invalidParams(message: string): Refusal {
    return { status: 200, error: { code: errorCodes.invalidParams, message } };
}

/** Finds what makes a request of 2026-07-28 one that no server is to see. */
export function findRefusal(
    { headers }: Exchange,
    { method, params }: RpcRequest,
    revision: string | undefined,
): RpcError | undefined {
    if (revision === undefined || !modernVersions.includes(revision)) {
        return {
            code: errorCodes.unsupportedVersion,
            message: `unsupported protocol version '${revision ?? ""}'`,
            data: { supported: modernVersions, requested: revision },
        };
    }
    const problem = findHeaderProblem(
        {
            protocolVersion: readHeader(headers, "mcp-protocol-version"),
            method: readHeader(headers, "mcp-method"),
            name: readHeader(headers, "mcp-name"),
        },
        method,
        params,
    );
    if (problem !== undefined) {
        return { code: errorCodes.headerMismatch, message: problem };
    }
    // 2026-07-28 has no `ping`: whether a server is there is what every call tells.
    return method === "ping" || !isForwardable(method)
        ? { code: errorCodes.methodNotFound, message: `unknown method '${method}'` }
        : undefined;
}
