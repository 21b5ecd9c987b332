import type { AuthRefusal } from "./authenticator.ts";
import { buildChallenge, type ProtectedResource } from "./challenge.ts";

/**
 * The refusal of a call whose token lacks scopes of that call. The challenge names all the call needs, those of the
 * endpoint too, and not what the token has: to keep what was granted is the client's part (MCP 2026-07-28).
 */
export function buildStepUp(endpoint: ProtectedResource, scopes: readonly string[]): AuthRefusal {
    const needed = [...new Set([...endpoint.scopes, ...scopes])];
    const reason = "the call needs further scopes";
    const error = "insufficient_scope";
    const challenge = buildChallenge({ ...endpoint, scopes: needed }, { error, reason });
    const message = `${reason}: must have '${needed.join(" ")}'`;
    return { status: 403, headers: { "www-authenticate": challenge }, error, message };
}
