import * as keycloak from "@pulumi/keycloak";
import type * as pulumi from "@pulumi/pulumi";

import type { ProtectedServer } from "./args.ts";
import { type ScopeGuard, unguarded } from "./accessControl.ts";
import { addIntrospectionAudience, type IntrospectionClient } from "./introspection.ts";
import { nameAfter } from "./scopeNames.ts";

/** Creates the tool scopes, once each. Scopes are granted when a client is registered; clients cannot request more. */
export function createToolScopes(
    name: string,
    realmId: pulumi.Output<string>,
    servers: ProtectedServer[],
    child: pulumi.CustomResourceOptions,
    guard: ScopeGuard = unguarded,
): Record<string, pulumi.Output<string>> {
    const scopes = new Set(servers.flatMap(({ toolScopes = [] }) => toolScopes));
    return Object.fromEntries(
        [...scopes].map((scope) => [
            scope,
            guard(
                scope,
                new keycloak.openid.ClientScope(
                    `${name}-tool-scope-${nameAfter(scope)}`,
                    {
                        realmId,
                        name: scope,
                        description: "Calls tools",
                        // Without a text, Keycloak asks nobody for consent to a scope.
                        consentScreenText: `Call tools that need '${scope}'`,
                        includeInTokenScope: true,
                    },
                    child,
                ),
            ),
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
    guard: ScopeGuard = unguarded,
    introspector?: IntrospectionClient,
): pulumi.Output<string>[] {
    return scopes.map((scope) => {
        const suffix = nameAfter(scope);
        const clientScope = new keycloak.openid.ClientScope(
            `${name}-scope-${suffix}`,
            {
                realmId,
                name: scope,
                description: `Calls ${resource}`,
                consentScreenText: `Call ${resource}`,
                includeInTokenScope: true,
            },
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
        return guard(scope, clientScope);
    });
}

/**
 * Creates a client for each server, so that Keycloak's feature `resource-indicators` knows the `resource` that programs
 * ask tokens for. It issues no tokens.
 */
export function createResourceClients(
    name: string,
    realmId: pulumi.Output<string>,
    servers: Record<string, ProtectedServer>,
    child: pulumi.CustomResourceOptions,
): void {
    for (const [server, { resource }] of Object.entries(servers)) {
        new keycloak.openid.Client(
            `${name}-${server}-resource`,
            {
                realmId,
                clientId: resource,
                accessType: "BEARER-ONLY",
                extraConfig: { resource_url: resource },
            },
            child,
        );
    }
}
