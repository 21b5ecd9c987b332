/** What tokens are to give access to. */
export interface ProtectedResource {
    /** URL of the endpoint as clients use it; undefined when the bridge does not know it. */
    resource: string | undefined;
    /** Scopes every request needs. */
    scopes: readonly string[];
}

/** Why a token was refused, in RFC 6750's terms. */
export interface ChallengeError {
    error: string;
    /** For people; without quotes. */
    reason: string;
}

/** Where RFC 9728 documents are, before the resource's own path. */
export const wellKnown = "/.well-known/oauth-protected-resource";

/** Path of a resource's RFC 9728 document: the well-known part goes between host and path. */
export function metadataPath(resource: string): string {
    const { pathname } = new URL(resource);
    return `${wellKnown}${pathname === "/" ? "" : pathname}`;
}

/** A resource's RFC 9728 document: who issues tokens for it, and with which scopes. */
export function buildMetadata(
    { resource, scopes }: ProtectedResource,
    name: string,
    issuers: string[],
) {
    return {
        resource,
        authorization_servers: issuers,
        scopes_supported: scopes,
        bearer_methods_supported: ["header"],
        resource_name: name,
    };
}

/** The challenge of RFC 6750 and RFC 9728 for a request without a token, or with one that was refused. */
export function buildChallenge(
    { resource, scopes }: ProtectedResource,
    refusal?: ChallengeError,
): string {
    const parameters = [
        refusal && `error="${refusal.error}"`,
        refusal && `error_description="${refusal.reason}"`,
        resource && `resource_metadata="${new URL(metadataPath(resource), resource).href}"`,
        scopes.length > 0 && `scope="${scopes.join(" ")}"`,
    ].filter(Boolean);
    return parameters.length > 0 ? `Bearer ${parameters.join(", ")}` : "Bearer";
}
