import { fetchDocument } from "./fetchDocument.ts";

/** Where an issuer's metadata may be: RFC 8414, and OpenID Connect's old and new place, in MCP's order. */
export function listDiscoveryUrls(issuer: string): string[] {
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, "");
    return [
        ...new Set([
            `${origin}/.well-known/oauth-authorization-server${path}`,
            `${origin}/.well-known/openid-configuration${path}`,
            `${origin}${path}/.well-known/openid-configuration`,
        ]),
    ];
}

/**
 * Asks an issuer where its keys are.
 *
 * @throws with what is wrong at each place its metadata may be
 */
export async function discoverJwksUri(issuer: string): Promise<string> {
    const problems: string[] = [];
    for (const url of listDiscoveryUrls(issuer)) {
        try {
            const { issuer: named, jwks_uri: uri } = await fetchDocument(url);
            if (named !== issuer) {
                // RFC 8414 §3.3: else anyone who answers for one issuer could answer for another.
                problems.push(`'${url}': must name issuer '${issuer}', got '${String(named)}'`);
            } else if (typeof uri !== "string" || !isAsSafe(uri, issuer)) {
                problems.push(`'${url}': must have a 'jwks_uri' as safe as the issuer's own`);
            } else {
                return uri;
            }
        } catch (error) {
            problems.push((error as Error).message);
        }
    }
    throw new Error(problems.join("; "));
}

/** Keys of an issuer known by HTTPS must not come over plain HTTP. */
function isAsSafe(uri: string, issuer: string): boolean {
    const protocol = URL.canParse(uri) ? new URL(uri).protocol : "";
    return protocol === "https:" || (protocol === "http:" && new URL(issuer).protocol === "http:");
}
