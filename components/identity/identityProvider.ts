import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import type { IdentityProviderArgs } from "./accessArgs.ts";
import { identityDefaults } from "./defaults.ts";
import type { Place } from "./principals.ts";

/** Creates an OpenID provider with which users log in, and the mappers of its claims to groups. */
export function createIdentityProvider(
    { name, realmId, child }: Place,
    { groups = [], clientSecret, scopes, jwksUrl, ...provider }: IdentityProviderArgs,
): void {
    const { providerScopes, trustEmail } = identityDefaults;
    const resource = `${name}-provider-${provider.alias}`;
    const { alias } = new keycloak.oidc.IdentityProvider(
        resource,
        {
            trustEmail,
            displayName: provider.alias,
            ...provider,
            realm: realmId,
            jwksUrl,
            validateSignature: true,
            clientSecret: pulumi.secret(clientSecret),
            defaultScopes: (scopes ?? providerScopes).join(" "),
            storeToken: false,
            // Claims are read at every login: who leaves a group there leaves it here.
            syncMode: "FORCE",
        },
        child,
    );
    for (const [index, { claim, value, group }] of groups.entries()) {
        new keycloak.CustomIdentityProviderMapping(
            `${resource}-group-${index}`,
            {
                realm: realmId,
                name: `${claim} ${value}`,
                identityProviderAlias: alias,
                identityProviderMapper: "oidc-advanced-group-idp-mapper",
                extraConfig: {
                    syncMode: "INHERIT",
                    claims: JSON.stringify([{ key: claim, value }]),
                    "are.claim.values.regex": "false",
                    group: group.startsWith("/") ? group : `/${group}`,
                },
            },
            child,
        );
    }
}
