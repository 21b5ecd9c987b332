import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import type { TokenIssuer } from "../gateways/gateway.ts";
import { findIdentityProblems } from "./rules.ts";
import { createScopes, createToolScopes } from "./scopes.ts";
import { refuseInvalidArgs } from "../problems/argProblem.ts";
import { MachineClient, type MachineClientArgs } from "./machineClient.ts";

/** What tokens for one server must carry. */
export interface ProtectedServer {
    /** Resource URI of the server: the audience that its scopes put into a token. */
    resource: string;
    /** Scopes that carry that audience, at least one; no two servers share one. */
    scopes: string[];
    /**
     * Scopes that some of its tools need besides; servers may share them, as they carry no audience.
     *
     * @default []
     */
    toolScopes?: string[];
}

/** A program that calls servers under a name of its own, without a person. */
export interface MachineClientAccess {
    /** Client id, as it appears in tokens. */
    name: string;
    /** Names of the servers it may call; its tokens are refused by every other. */
    servers: string[];
    /**
     * Scopes of tools that its tokens carry besides; without them it calls the tools that need none.
     *
     * @default []
     */
    scopes?: string[];
}

export interface IdentityArgs {
    /** `iss` of tokens, exactly as the issuer writes it: `https://auth.example.org/realms/mcp`. */
    issuer: string;
    /**
     * Where pods read the issuer's keys; for an address that only works inside the cluster.
     *
     * @default `<issuer>/protocol/openid-connect/certs`
     */
    jwksUri?: string;
    /**
     * PEM certificate of the private authority that signed the issuer's TLS certificate.
     *
     * @default none; a public authority did
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * Keycloak realm to administer; `create: false` uses one that exists. Never `master`: its tokens open Keycloak
     * itself.
     *
     * @default none; the issuer is administered elsewhere, nothing is created and `clients` must be empty
     */
    realm?: { name: string; create?: boolean };
    /** Servers by name. Plain, because each one is a scope. */
    servers: Record<string, ProtectedServer>;
    /**
     * Machine clients. Plain, because each one is a client.
     *
     * @default []
     */
    clients?: MachineClientAccess[];
    /** Namespace that receives the Secrets with the clients' passwords. */
    namespace: pulumi.Input<string>;
}

/** Where and as whom one client gets its tokens. */
export interface ClientAccess {
    /** Client id, as it appears in tokens. */
    clientId: string;
    /** Where it exchanges its password for a token (`grant_type=client_credentials`). */
    tokenEndpoint: string;
    /** Secret with `client_id`, `client_secret`, `token_endpoint` and `issuer`. */
    secretName: pulumi.Output<string>;
    /** Servers that accept its tokens. */
    servers: string[];
    /** Scopes of tools that its tokens carry. */
    scopes: string[];
}

/**
 * Who may call which server: a realm, a scope with the audience of its server for each, and clients that hold the
 * scopes of their servers only. Needs a Keycloak provider among its options when `realm` is given.
 *
 * Nothing here depends on token introspection, whose audience rule changed in Keycloak 26.6.2: tokens are checked
 * against the keys, so older and newer ones work alike. Keycloak 25 is the oldest that does (scope `basic`).
 */
export class Identity extends pulumi.ComponentResource implements TokenIssuer {
    /** `iss` of valid tokens. */
    public readonly issuer: string;
    /** Where the signing keys are read from. */
    public readonly jwksUri: string;
    /** PEM certificate of the private authority behind the issuer; undefined when a public one is. */
    public readonly caCertificate: pulumi.Output<string> | undefined;
    /** Access of each machine client, by name. */
    public readonly clients: Record<string, ClientAccess>;
    /** Password of each machine client, by name; secret. */
    public readonly clientSecrets: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: IdentityArgs, opts?: pulumi.ComponentResourceOptions) {
        const { issuer, realm, servers, clients = [], namespace } = args;
        super("slipway:index:Identity", name, { issuer, realm, servers, clients }, opts);
        refuseInvalidArgs(this, findIdentityProblems(args));

        const tokenEndpoint = `${issuer}/protocol/openid-connect/token`;
        const machines =
            realm === undefined
                ? []
                : createMachineClients(this, name, realm, args, {
                      issuer,
                      tokenEndpoint,
                      namespace,
                  });

        this.issuer = issuer;
        this.jwksUri = args.jwksUri ?? `${issuer}/protocol/openid-connect/certs`;
        this.caCertificate =
            args.caCertificate === undefined ? undefined : pulumi.output(args.caCertificate);
        this.clients = Object.fromEntries(
            machines.map(({ client, machine }) => [
                client.name,
                {
                    clientId: client.name,
                    tokenEndpoint,
                    secretName: machine.secretName,
                    servers: client.servers,
                    scopes: client.scopes ?? [],
                },
            ]),
        );
        this.clientSecrets = pulumi.secret(
            pulumi.output(
                Object.fromEntries(
                    machines.map(({ client, machine }) => [client.name, machine.clientSecret]),
                ),
            ),
        );
        this.registerOutputs({ issuer, clients: this.clients, clientSecrets: this.clientSecrets });
    }
}

type RealmArgs = NonNullable<IdentityArgs["realm"]>;

function createMachineClients(
    identity: Identity,
    name: string,
    realm: RealmArgs,
    { servers, clients = [] }: IdentityArgs,
    shared: Pick<MachineClientArgs, "issuer" | "tokenEndpoint" | "namespace">,
) {
    const child = { parent: identity };
    const realmId = createRealm(name, realm, child);
    const scopes = Object.fromEntries(
        Object.entries(servers).map(([server, protectedServer]) => [
            server,
            createScopes(`${name}-${server}`, realmId, protectedServer, child),
        ]),
    );
    const toolScopes = createToolScopes(name, realmId, Object.values(servers), child);
    return clients.map((client) => {
        const machineArgs = {
            ...shared,
            clientId: client.name,
            realmId,
            scopes: [
                ...client.servers.flatMap((server) => scopes[server] ?? []),
                ...(client.scopes ?? []).flatMap((scope) => toolScopes[scope] ?? []),
            ],
        };
        return { client, machine: new MachineClient(`${name}-${client.name}`, machineArgs, child) };
    });
}

function createRealm(
    name: string,
    { name: realm, create = true }: RealmArgs,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    return create
        ? new keycloak.Realm(
              `${name}-realm`,
              { realm, enabled: true, sslRequired: "external", accessTokenLifespan: "15m0s" },
              child,
          ).realm
        : pulumi.output(realm);
}
