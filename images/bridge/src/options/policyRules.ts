import { scopeForm } from "./authRules.ts";
import type { BridgeOptions } from "./bridgeOptions.ts";
import { splitScopes } from "../policy/toolPolicy.ts";

/** Finds options about tools that cannot work; those that could not be read are left out. */
export function findPolicyProblems({
    toolScopes = {},
    identity,
}: Partial<Pick<BridgeOptions, "toolScopes" | "identity">>): string[] {
    const entries = Object.entries(toolScopes);
    const problems = entries
        .filter(([, text]) => !isScopeList(text))
        .map(
            ([tool, text]) =>
                `--tool-scopes (SLIPWAY_TOOL_SCOPES): must name scopes of printable ASCII without quote or backslash for '${tool}', got '${text}'`,
        );
    if (entries.length > 0 && identity === "none") {
        problems.push(
            "--tool-scopes (SLIPWAY_TOOL_SCOPES): must know what callers may do, or nobody could call these tools; give --issuer, or --identity headers behind a gateway",
        );
    }
    return problems;
}

function isScopeList(text: string): boolean {
    const scopes = splitScopes(text);
    return scopes.length > 0 && scopes.every((scope) => scopeForm.test(scope));
}
