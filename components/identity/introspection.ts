import * as keycloak from "@pulumi/keycloak";
import type * as pulumi from "@pulumi/pulumi";

import type { IdentityArgs, TokenIntrospection } from "./args.ts";
import { identityDefaults } from "./defaults.ts";

/** The confidential client that introspects tokens. */
export interface IntrospectionClient extends pulumi.Resource {
    readonly clientId: string;
    /** Secret with `client_id` and `client_secret`. */
    readonly secretName: pulumi.Output<string>;
}

/** Client id with which tokens are introspected. */
export function introspectionClientId({ introspection = {} }: IdentityArgs): string {
    return introspection.clientId ?? identityDefaults.introspection.clientId;
}

/** Whether a client for introspection has to be created: a server asks for it, and none is given. */
export function needsIntrospectionClient({ realm, servers, introspection }: IdentityArgs): boolean {
    return (
        realm !== undefined &&
        introspection?.secretName === undefined &&
        Object.values(servers).some(({ checkRevocation }) => checkRevocation)
    );
}

/** Access to the introspection endpoint, with the created client or the given Secret; undefined without either. */
export function resolveIntrospection(
    { introspection = {} }: IdentityArgs,
    jwksUri: pulumi.Output<string>,
    client: IntrospectionClient | undefined,
): TokenIntrospection | undefined {
    const secretName = introspection.secretName ?? client?.secretName;
    if (secretName === undefined) {
        return undefined;
    }
    const { endpoint, cacheSeconds } = introspection;
    return {
        endpoint: endpoint ?? jwksUri.apply(identityDefaults.introspectionEndpoint),
        secretName,
        cacheSeconds: cacheSeconds ?? identityDefaults.introspection.cacheSeconds,
    };
}

/**
 * Adds the client to the audience of tokens with a scope: since Keycloak 26.6.2 a client that is no audience of a token is
 * told that it is not active.
 */
export function addIntrospectionAudience(
    name: string,
    realmId: pulumi.Output<string>,
    clientScope: keycloak.openid.ClientScope,
    client: IntrospectionClient,
    child: pulumi.CustomResourceOptions,
): void {
    new keycloak.openid.AudienceProtocolMapper(
        name,
        {
            realmId,
            clientScopeId: clientScope.id,
            name: "introspection",
            includedClientAudience: client.clientId,
            addToAccessToken: true,
            addToIdToken: false,
        },
        // Keycloak refuses the audience of a client that does not exist.
        { ...child, dependsOn: client },
    );
}
