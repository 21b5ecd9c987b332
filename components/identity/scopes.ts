import * as keycloak from "@pulumi/keycloak";
import type * as pulumi from "@pulumi/pulumi";

import type { ProtectedServer } from "./args.ts";
import { addIntrospectionAudience, type IntrospectionClient } from "./introspection.ts";
import { nameAfter } from "./rules.ts";

/** Creates the tool scopes, once each. Scopes are granted when a client is registered; clients cannot request more. */
export function createToolScopes(
    name: string,
    realmId: pulumi.Output<string>,
    servers: ProtectedServer[],
    child: pulumi.CustomResourceOptions,
): Record<string, pulumi.Output<string>> {
    const scopes = new Set(servers.flatMap(({ toolScopes = [] }) => toolScopes));
    return Object.fromEntries(
        [...scopes].map((scope) => [
            scope,
            new keycloak.openid.ClientScope(
                `${name}-tool-scope-${nameAfter(scope)}`,
                { realmId, name: scope, description: "Calls tools", includeInTokenScope: true },
                child,
            ).name,
        ]),
    );
}

/**
 * Creates the scopes of one server, and the mapper that adds its audience to tokens with such a scope; where revocation is
 * checked, the audience of `introspector` as well.
 */
export function createScopes(
    name: string,
    realmId: pulumi.Output<string>,
    { resource, scopes, checkRevocation }: ProtectedServer,
    child: pulumi.CustomResourceOptions,
    introspector?: IntrospectionClient,
): pulumi.Output<string>[] {
    return scopes.map((scope) => {
        const suffix = nameAfter(scope);
        const clientScope = new keycloak.openid.ClientScope(
            `${name}-scope-${suffix}`,
            { realmId, name: scope, description: `Calls ${resource}`, includeInTokenScope: true },
            child,
        );
        new keycloak.openid.AudienceProtocolMapper(
            `${name}-audience-${suffix}`,
            {
                realmId,
                clientScopeId: clientScope.id,
                name: "audience",
                includedCustomAudience: resource,
                addToAccessToken: true,
                addToIdToken: false,
            },
            child,
        );
        if (checkRevocation && introspector !== undefined) {
            const mapper = `${name}-introspection-${suffix}`;
            addIntrospectionAudience(mapper, realmId, clientScope, introspector, child);
        }
        return clientScope.name;
    });
}
