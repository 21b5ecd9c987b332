import type * as pulumi from "@pulumi/pulumi";

/**
 * One row of the access table: a group, role, user or machine client, and what it may call. Exactly one of the four is
 * given.
 */
export interface AccessGrant {
    /**
     * Group of the realm: its name, or its path (`/engineering/forecasters`) in an existing realm. A realm that is created
     * gets the group.
     *
     * @default none
     */
    group?: string;
    /**
     * Role of the realm. A realm that is created gets the role.
     *
     * @default none
     */
    role?: string;
    /**
     * User name: one of `users`, or a user of an existing realm.
     *
     * @default none
     */
    user?: string;
    /**
     * Machine client: one of `clients`.
     *
     * @default none
     */
    client?: string;
    /** Names of the servers, or `*` for all. */
    servers: string[];
    /**
     * Tool scopes of these servers; without them only the tools that require none.
     *
     * @default []
     */
    scopes?: string[];
}

/** A user of the realm. */
export interface UserArgs {
    /** Login name, lower case. */
    username: string;
    /**
     * E-mail address.
     *
     * @default none; the user is asked at the first login
     */
    email?: string;
    /**
     * First name.
     *
     * @default none; the user is asked at the first login
     */
    firstName?: string;
    /**
     * Last name.
     *
     * @default none; the user is asked at the first login
     */
    lastName?: string;
    /**
     * Groups of the access table that the user belongs to.
     *
     * @default []
     */
    groups?: string[];
    /**
     * Password of the first login, which the user has to replace; kept secret. Later changes have no effect.
     *
     * @default none; an administrator or an identity provider lets the user in
     */
    initialPassword?: pulumi.Input<string>;
}

/** Users whose claim has a value belong to a group. */
export interface ClaimGroup {
    /** Claim of the identity provider's token, such as `groups`. */
    claim: string;
    /** Its value, or one of its values. */
    value: string;
    /** Group of the access table. */
    group: string;
}

/** An OpenID provider with which users log in to Keycloak (brokering). */
export interface IdentityProviderArgs {
    /** Name in URLs: the provider must allow the redirect `<issuer>/broker/<alias>/endpoint`. */
    alias: string;
    /**
     * Text of the button on the login page.
     *
     * @default the alias
     */
    displayName?: string;
    /** `iss` of the provider's tokens. */
    issuer: string;
    /** Authorization endpoint, as browsers reach it. */
    authorizationUrl: string;
    /** Token endpoint, as Keycloak reaches it. */
    tokenUrl: string;
    /** Signing keys of the provider. */
    jwksUrl: string;
    /**
     * UserInfo endpoint.
     *
     * @default none; the ID token has every claim
     */
    userInfoUrl?: string;
    /** Client id of Keycloak at the provider. */
    clientId: string;
    /** Its secret; kept secret. */
    clientSecret: pulumi.Input<string>;
    /**
     * Scopes that Keycloak asks for.
     *
     * @default `identityDefaults.providerScopes`
     */
    scopes?: string[];
    /**
     * Whether e-mail addresses of the provider count as verified. A provider that verifies none lets anyone take over
     * the account of an address.
     *
     * @default `identityDefaults.trustEmail`
     */
    trustEmail?: boolean;
    /**
     * Groups by claim, at every login: users join and leave them.
     *
     * @default []
     */
    groups?: ClaimGroup[];
}
