import type { BridgeOptions } from "./bridgeOptions.ts";

/** The options that say who may call. */
export type AuthOptions = Pick<
    BridgeOptions,
    "identity" | "issuer" | "jwksUri" | "audience" | "scopes" | "path" | "server"
>;

/** A scope, in RFC 6749's characters: no space, quote or backslash. */
export const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Finds options about callers that cannot work; those that could not be read are left out. */
export function findAuthProblems(options: Partial<AuthOptions>): string[] {
    const { identity, issuer, jwksUri, audience, scopes = [] } = options;
    const problems: string[] = [];
    const addresses = [
        ["--issuer (SLIPWAY_ISSUER)", issuer],
        ["--jwks-uri (SLIPWAY_JWKS_URI)", jwksUri],
        ["--audience (SLIPWAY_AUDIENCE)", audience],
    ] as const;
    for (const [name, text] of addresses) {
        if (text && !isHttpUrl(text)) {
            problems.push(`${name}: must be an http or https URL without fragment, got '${text}'`);
        }
    }
    if (issuer && identity !== undefined && identity !== "token") {
        problems.push(
            `--identity (SLIPWAY_IDENTITY): must be token with --issuer, or no token would be looked at; got '${identity}'`,
        );
    }
    if (scopes.length > 0 && identity !== undefined && identity !== "token") {
        problems.push(
            `--scopes (SLIPWAY_SCOPES): must come with --issuer, because only tokens are checked for them; got '${scopes.join(",")}'`,
        );
    }
    const wrong = scopes.filter((scope) => !scopeForm.test(scope));
    if (wrong.length > 0) {
        problems.push(
            `--scopes (SLIPWAY_SCOPES): must be printable ASCII without space, quote or backslash, got '${wrong.join("', '")}'`,
        );
    }
    return problems;
}

function isHttpUrl(text: string): boolean {
    return /^https?:\/\//i.test(text) && URL.canParse(text) && !text.includes("#");
}
