import type * as pulumi from "@pulumi/pulumi";

/** Issuer of the tokens and how they are verified. `Identity` implements it. */
export interface TokenIssuer {
    /** `iss` of valid tokens. */
    issuer: pulumi.Input<string>;
    /** URL of the signing keys. */
    jwksUri: pulumi.Input<string>;
    /** Port of the pods behind `jwksUri`; undefined when it is that of the URL. */
    jwksPort?: pulumi.Input<number>;
    /** PEM certificate that signed the issuer's TLS certificate; undefined when a public authority did. */
    caCertificate?: pulumi.Input<string>;
}

/** Audience and scopes of the tokens for one server. */
export interface ProtectedServer {
    /** Resource URI of the server: the audience that its scopes add to a token. */
    resource: string;
    /** Scopes that add the audience, at least one; no two servers may share one. */
    scopes: string[];
    /**
     * Additional scopes that some of its tools require; servers may share them, as they add no audience.
     *
     * @default []
     */
    toolScopes?: string[];
}

/** A program that calls servers on its own behalf (client credentials). */
export interface MachineClientAccess {
    /** Client id, as it appears in tokens. */
    name: string;
    /** Names of the servers it may call; every other server refuses its tokens. */
    servers: string[];
    /**
     * Tool scopes that its tokens carry; without them it may call the tools that require none.
     *
     * @default []
     */
    scopes?: string[];
}

/** A Keycloak realm. */
export interface RealmArgs {
    /** Name of the realm. Never `master`: tokens of that realm administer Keycloak itself. */
    name: string;
    /**
     * Whether the realm is created; `false` uses an existing one.
     *
     * @default `identityDefaults.createRealm`
     */
    create?: boolean;
    /**
     * Whether Pulumi refuses to delete the created realm, and with it all clients and users in it.
     *
     * @default `identityDefaults.protectRealm`
     */
    protect?: boolean;
}

export interface IdentityArgs {
    /** `iss` of the tokens, exactly as the issuer writes it: `https://auth.example.org/realms/mcp`. */
    issuer: pulumi.Input<string>;
    /**
     * URL from which pods read the issuer's keys, for an issuer that is reachable at another address inside the cluster.
     *
     * @default `identityDefaults.jwksUri(issuer)`
     */
    jwksUri?: pulumi.Input<string>;
    /**
     * Port of the pods that serve the keys, for a Service in the cluster whose port is another: network policies allow
     * the port of the pods.
     *
     * @default the port of `jwksUri`
     */
    jwksPort?: pulumi.Input<number>;
    /**
     * PEM certificate of the private authority that signed the issuer's TLS certificate.
     *
     * @default none; a public authority signed it
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * Keycloak realm to administer.
     *
     * @default none; the issuer is administered elsewhere, nothing is created and `clients` must be empty
     */
    realm?: RealmArgs;
    /** Servers by name. Plain, because each one becomes a scope. */
    servers: Record<string, ProtectedServer>;
    /**
     * Machine clients. Plain, because each one becomes a Keycloak client.
     *
     * @default []
     */
    clients?: MachineClientAccess[];
    /** Namespace of the Secrets with the clients' passwords. */
    namespace: pulumi.Input<string>;
}

/** How one machine client obtains its tokens. */
export interface ClientAccess {
    /** Client id, as it appears in tokens. */
    clientId: string;
    /** Token endpoint (`grant_type=client_credentials`). */
    tokenEndpoint: pulumi.Output<string>;
    /** Secret with `client_id`, `client_secret`, `token_endpoint` and `issuer`. */
    secretName: pulumi.Output<string>;
    /** Servers that accept its tokens. */
    servers: string[];
    /** Tool scopes that its tokens carry. */
    scopes: string[];
}
