import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

/** Who administers Keycloak: a person of realm `master`, or a client with a service account. */
export interface KeycloakAdministrator {
    /** Address of Keycloak, without `/realms`. */
    url: string;
    /**
     * Client that logs in.
     *
     * @default "admin-cli"
     */
    clientId?: string;
    /**
     * Secret of a client with a service account, instead of a person.
     *
     * @default none
     */
    clientSecret?: pulumi.Input<string>;
    /**
     * Person that logs in.
     *
     * @default none
     */
    username?: string;
    /**
     * Password of that person; kept secret.
     *
     * @default none
     */
    password?: pulumi.Input<string>;
}

/**
 * Options that hand a component its Keycloak; none for a realm that is administered elsewhere. `caCertificate` is of the
 * private authority that signed Keycloak's own, as PEM; none when a public one did.
 */
export function keycloakAccess(
    name: string,
    administrator: KeycloakAdministrator | undefined,
    caCertificate?: pulumi.Input<string>,
): pulumi.ComponentResourceOptions {
    if (administrator === undefined) {
        return {};
    }
    const { url, clientId = "admin-cli", ...login } = administrator;
    const provider = new keycloak.Provider(name, {
        url,
        clientId,
        clientSecret: keepSecret(login.clientSecret),
        username: login.username,
        password: keepSecret(login.password),
        rootCaCertificate: caCertificate,
        // Lets a preview run before Keycloak is there.
        initialLogin: false,
    });
    return { providers: { keycloak: provider } };
}

function keepSecret(value: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
    return value === undefined ? undefined : pulumi.secret(value);
}
