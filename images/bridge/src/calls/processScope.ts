import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";

/** Whose process serves a request. */
export type ProcessScope = "shared" | "session" | "principal" | "request";

/** Capabilities of a client by which a server can ask it something. */
const asking = ["elicitation", "sampling", "roots"];

/** Whether a client says that it can be asked something, for which it must be told apart from all others. */
export function canBeAsked(capabilities: unknown): boolean {
    return isObject(capabilities) && asking.some((name) => isObject(capabilities[name]));
}

/** Decides whose process serves a session of a client up to 2025-11-25. */
export function planSession(isolation: Isolation, capabilities: JsonObject): ProcessScope {
    if (isolation === "auto") {
        return canBeAsked(capabilities) ? "session" : "shared";
    }
    return isolation;
}

/** Requests during which a server may ask its client something, or whose answer may depend on what it can ask. */
const askingMethods = new Set([
    "tools/call",
    "tools/list",
    "prompts/get",
    "prompts/list",
    "resources/read",
    "resources/list",
    "resources/templates/list",
]);

/**
 * Decides whose process serves a request of a client from 2026-07-28 on, which has no sessions: what is to be kept from
 * others is kept to the request.
 *
 * @param particular whether the request wants what only a process of its own can give: to ask the client, or to log to it
 */
export function planRequest(
    isolation: Isolation,
    method: string,
    particular: boolean,
): ProcessScope {
    switch (isolation) {
        case "auto":
            return particular && askingMethods.has(method) ? "request" : "shared";
        case "session":
            return "request";
        default:
            return isolation;
    }
}
