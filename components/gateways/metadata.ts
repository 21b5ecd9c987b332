import * as pulumi from "@pulumi/pulumi";

import { resourceMetadataPath } from "./gateway.ts";
import type { Route } from "./route.ts";

/** The RFC 9728 document of a server, as the token verifier serves it. */
export function buildMetadata(
    { server, resource, scopes }: Pick<Route, "server" | "resource" | "scopes">,
    issuers: pulumi.Input<string>[],
): pulumi.Output<string> {
    return pulumi.jsonStringify({
        resource,
        authorization_servers: issuers,
        scopes_supported: scopes,
        bearer_methods_supported: ["header"],
        resource_name: server,
    });
}

/** The challenge of RFC 6750 and RFC 9728 for a request without valid token. */
export function buildChallenge({ resource, scopes }: Pick<Route, "resource" | "scopes">): string {
    const { href } = new URL(resourceMetadataPath(resource), resource);
    const scope = scopes.length > 0 ? [`scope="${scopes.join(" ")}"`] : [];
    return `Bearer ${[`resource_metadata="${href}"`, ...scope].join(", ")}`;
}
