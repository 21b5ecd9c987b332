import type { ProtectedServer } from "./verifierConfig.ts";

const wellKnown = "/.well-known/oauth-protected-resource";

/** Path of a resource's RFC 9728 document: the well-known part goes between host and path. */
export function metadataPath(resource: string): string {
    const { pathname } = new URL(resource);
    return `${wellKnown}${pathname === "/" ? "" : pathname}`;
}

/** A server's RFC 9728 document: who issues tokens for it, and with which scopes. */
export function buildMetadata({ name, resource, scopes }: ProtectedServer, issuer: string) {
    return {
        resource,
        authorization_servers: [issuer],
        scopes_supported: scopes,
        bearer_methods_supported: ["header"],
        resource_name: name,
    };
}

/** The challenge of RFC 6750 and RFC 9728 for a request without a token, or with one that was refused. */
export function buildChallenge(
    { resource, scopes }: ProtectedServer,
    refusal?: { error: string; reason: string },
): string {
    const metadata = new URL(metadataPath(resource), resource).href;
    const parameters = [
        refusal && `error="${refusal.error}"`,
        refusal && `error_description="${refusal.reason}"`,
        `resource_metadata="${metadata}"`,
        scopes.length > 0 && `scope="${scopes.join(" ")}"`,
    ];
    return `Bearer ${parameters.filter(Boolean).join(", ")}`;
}
