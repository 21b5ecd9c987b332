import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import { identityDefaults } from "./defaults.ts";

/** Administrator of Keycloak: a user of realm `master`, or a client with a service account. */
export interface KeycloakAdministrator {
    /** Address of Keycloak, without `/realms`. */
    url: pulumi.Input<string>;
    /**
     * Client with which the administrator logs in.
     *
     * @default `identityDefaults.administratorClient`
     */
    clientId?: pulumi.Input<string>;
    /**
     * Secret of a client with a service account, instead of a user.
     *
     * @default none
     */
    clientSecret?: pulumi.Input<string>;
    /**
     * Administrator user name.
     *
     * @default none
     */
    username?: pulumi.Input<string>;
    /**
     * Administrator password; kept secret.
     *
     * @default none
     */
    password?: pulumi.Input<string>;
}

/**
 * Component options with the Keycloak provider; empty when Keycloak is administered elsewhere. `caCertificate` is the PEM
 * certificate of the private authority that signed Keycloak's own; undefined when a public one did. `opts` are those of
 * the provider itself.
 */
export function keycloakAccess(
    name: string,
    administrator: KeycloakAdministrator | undefined,
    caCertificate?: pulumi.Input<string>,
    opts?: pulumi.ResourceOptions,
): pulumi.ComponentResourceOptions {
    if (administrator === undefined) {
        return {};
    }
    const { url, clientId = identityDefaults.administratorClient, ...login } = administrator;
    const args = {
        url,
        clientId,
        clientSecret: keepSecret(login.clientSecret),
        username: login.username,
        password: keepSecret(login.password),
        rootCaCertificate: caCertificate,
        // Allows a preview before Keycloak exists.
        initialLogin: false,
    };
    const provider = new keycloak.Provider(name, args, opts);
    return { providers: { keycloak: provider } };
}

function keepSecret(value: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
    return value === undefined ? undefined : pulumi.secret(value);
}
