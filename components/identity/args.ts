import type * as pulumi from "@pulumi/pulumi";

import type { AccessGrant, IdentityProviderArgs, UserArgs } from "./accessArgs.ts";
import type { InteractiveAccess } from "./interactiveAccess.ts";
import type { BruteForceProtection, TokenLifetimes } from "./realmArgs.ts";
import type { ClientRegistration } from "./registrationArgs.ts";

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
    /** Issuers whose tokens are valid besides. */
    furtherIssuers?: FurtherIssuer[];
    /** Accepted difference of clocks between issuers and verifiers, in seconds. */
    clockSkewSeconds?: pulumi.Input<number>;
    /** How the issuer is asked whether tokens were revoked; undefined when it cannot be asked. */
    introspection?: TokenIntrospection;
    /**
     * Name of the Service to which the issuer sends logout tokens, in the verifier's namespace; undefined when it sends
     * none.
     */
    logoutServiceName?: string;
}

/** An issuer that is trusted besides the one of the stack, such as that of a partner. */
export interface FurtherIssuer {
    /**
     * `iss` of its tokens, exactly as it writes it. Plain, because issuers are compared with each other. `@<issuer>` is
     * appended to the names of its callers, which therefore never equal those of another issuer.
     */
    issuer: string;
    /**
     * URL of its signing keys.
     *
     * @default `identityDefaults.jwksUri(issuer)`
     */
    jwksUri?: string;
    /**
     * Port of the pods that serve the keys.
     *
     * @default the port of `jwksUri`
     */
    jwksPort?: number;
}

/** Access to the introspection endpoint of an issuer (RFC 7662). */
export interface TokenIntrospection {
    /** URL of the endpoint. */
    endpoint: pulumi.Input<string>;
    /** Secret with `client_id` and `client_secret`, in the namespace of the gateway. */
    secretName: pulumi.Input<string>;
    /** How long an answer is remembered, in seconds; a revoked token is accepted that long. */
    cacheSeconds: pulumi.Input<number>;
}

/** How the issuer is asked whether tokens were revoked. */
export interface IntrospectionArgs {
    /**
     * URL of the endpoint.
     *
     * @default `identityDefaults.introspectionEndpoint(jwksUri)`
     */
    endpoint?: pulumi.Input<string>;
    /**
     * Existing Secret with `client_id` and `client_secret` of a confidential client, in the namespace of the gateway. Since
     * Keycloak 26.6.2 tokens must have the client as an audience.
     *
     * @default a client of the realm, whose audience is added to the tokens of the servers that check revocation
     */
    secretName?: pulumi.Input<string>;
    /**
     * Client id of the created client.
     *
     * @default `identityDefaults.introspection.clientId`
     */
    clientId?: string;
    /**
     * How long an answer is remembered, in seconds, 0 to 3600; a revoked token is accepted that long.
     *
     * @default `identityDefaults.introspection.cacheSeconds`
     */
    cacheSeconds?: pulumi.Input<number>;
}

/** Audience and scopes of the tokens for one server. */
export interface ProtectedServer {
    /** Resource URI of the server: the audience that its scopes add to a token. */
    resource: string;
    /** Scopes that add the audience, at least one; no two servers may share one. */
    scopes: string[];
    /**
     * Whether the issuer is asked for each of its tokens whether it was revoked.
     *
     * @default false
     */
    checkRevocation?: boolean;
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
    /**
     * Names of the servers it may call; every other server refuses its tokens. Rows of `access` add to them.
     *
     * @default []
     */
    servers?: string[];
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
    /**
     * How long tokens and logins last. Only for a created realm: those of an existing one belong to its owner.
     *
     * @default `identityDefaults.lifetimes`
     */
    lifetimes?: TokenLifetimes;
    /**
     * Protection against guessed passwords. Only for a created realm.
     *
     * @default `identityDefaults.bruteForce`
     */
    bruteForce?: BruteForceProtection;
    /**
     * Whether Keycloak runs with the feature `resource-indicators`, which refuses a `resource` that is no client: each
     * server becomes one.
     *
     * @default `identityDefaults.resourceIndicators`
     */
    resourceIndicators?: boolean;
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
     * Issuers whose tokens are valid besides, for every server whose audience and scopes they carry.
     *
     * @default []
     */
    furtherIssuers?: FurtherIssuer[];
    /**
     * Accepted difference of clocks between issuers and verifiers, in seconds, 0 to 300.
     *
     * @default `identityDefaults.clockSkewSeconds`
     */
    clockSkewSeconds?: pulumi.Input<number>;
    /**
     * How the issuer is asked whether tokens were revoked, where servers have `checkRevocation`.
     *
     * @default `identityDefaults.introspection`
     */
    introspection?: IntrospectionArgs;
    /**
     * Keycloak realm to administer.
     *
     * @default none; the issuer is administered elsewhere, nothing is created, `clients` must be empty, `interactive` and `registration` absent
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
    /**
     * Client with which people log in. Plain, because it becomes a Keycloak client.
     *
     * @default none; only machine clients obtain tokens
     */
    interactive?: InteractiveAccess;
    /**
     * How programs that nobody registered get a client id, in a created realm. Plain, because it becomes resources.
     *
     * @default none; people enter the id of `interactive` in their programs
     */
    registration?: ClientRegistration;
    /**
     * Who may call which servers and tools. A token gets the scopes that its user, or the client's service account, has by
     * this table and no others, whatever a program asks for. Plain, because rows become resources.
     *
     * @default none; every user of the realm may call every server, and machine clients their `servers`
     */
    access?: AccessGrant[];
    /**
     * Users to create. Plain, because each one becomes a resource.
     *
     * @default []
     */
    users?: UserArgs[];
    /**
     * OpenID providers with which users log in. Plain, because each one becomes a resource.
     *
     * @default []
     */
    identityProviders?: IdentityProviderArgs[];
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
