import * as pulumi from "@pulumi/pulumi";

import { nameForStack } from "../pods/stackName.ts";
import { refuseInvalidArgs } from "../problems/argProblem.ts";
import { checkInput } from "../problems/inputs.ts";
import { grantedClients, scopesOf } from "./accessTable.ts";
import type {
    ClientAccess,
    FurtherIssuer,
    IdentityArgs,
    RealmArgs,
    TokenIntrospection,
    TokenIssuer,
} from "./args.ts";
import { identityDefaults } from "./defaults.ts";
import {
    introspectionClientId,
    needsIntrospectionClient,
    resolveIntrospection,
} from "./introspection.ts";
import { createIdentityProvider } from "./identityProvider.ts";
import { InteractiveClient } from "./interactiveClient.ts";
import { findIssuerProblems } from "./issuerRules.ts";
import { MachineClient, type MachineClientArgs } from "./machineClient.ts";
import { createProtectedScopes } from "./protectedScopes.ts";
import { createRealm } from "./realm.ts";
import { closeRegistration, createRegistration } from "./registration.ts";
import { findIdentityProblems } from "./rules.ts";
import { createResourceClients } from "./scopes.ts";

/**
 * Decides who may call which server: a realm, per server a scope that adds its audience, and machine clients that hold
 * the scopes of their servers only. Needs a Keycloak provider among its options when `realm` is given.
 *
 * Tokens are verified with the issuer's keys; servers with `checkRevocation` have them introspected as well.
 * Keycloak 25 is the oldest version that works (scope `basic`).
 */
export class Identity extends pulumi.ComponentResource implements TokenIssuer {
    /** `iss` of valid tokens. */
    public readonly issuer: pulumi.Output<string>;
    /** URL of the signing keys. */
    public readonly jwksUri: pulumi.Output<string>;
    /** Port of the pods behind `jwksUri`; undefined when it is that of the URL. */
    public readonly jwksPort: pulumi.Output<number> | undefined;
    /** PEM certificate of the issuer's private authority; undefined when the authority is public. */
    public readonly caCertificate: pulumi.Output<string> | undefined;
    /** Issuers whose tokens are valid besides. */
    public readonly furtherIssuers: FurtherIssuer[] | undefined;
    /** Accepted difference of clocks, in seconds. */
    public readonly clockSkewSeconds: pulumi.Output<number>;
    /** How the issuer is asked whether tokens were revoked; undefined when no server needs it. */
    public readonly introspection: TokenIntrospection | undefined;
    /** Name that the verifier's Service for logout tokens must have; undefined when Keycloak sends none. */
    public readonly logoutServiceName: string | undefined;
    /** How each machine client obtains its tokens, by name. */
    public readonly clients: Record<string, ClientAccess>;
    /** Password of each machine client, by name; secret. */
    public readonly clientSecrets: pulumi.Output<Record<string, string>>;
    /** Client id with which people log in; undefined when they cannot. */
    public readonly interactiveClientId: pulumi.Output<string> | undefined;

    constructor(name: string, args: IdentityArgs, opts?: pulumi.ComponentResourceOptions) {
        const { realm, servers, clients = [], interactive, namespace } = args;
        const inputs = { issuer: args.issuer, realm, servers, clients, interactive };
        super("slipway:index:Identity", name, inputs, opts);
        refuseInvalidArgs(this, findIdentityProblems(args));

        const { issuer, jwksUri, jwksPort, clockSkewSeconds } = this.resolveIssuer(args);
        const tokenEndpoint = pulumi.interpolate`${issuer}/protocol/openid-connect/token`;
        const shared = { issuer, tokenEndpoint, namespace };
        const { machines, introspector, people } =
            realm === undefined
                ? { machines: [] }
                : createClients(this, name, realm, args, shared, opts?.protect);

        this.issuer = issuer;
        this.jwksUri = jwksUri;
        this.jwksPort = args.jwksPort === undefined ? undefined : jwksPort.apply((port) => port!);
        this.caCertificate =
            args.caCertificate === undefined ? undefined : pulumi.output(args.caCertificate);
        this.furtherIssuers = args.furtherIssuers;
        this.clockSkewSeconds = clockSkewSeconds;
        this.logoutServiceName = findLogoutService(interactive);
        this.introspection = resolveIntrospection(args, jwksUri, introspector);
        this.clients = Object.fromEntries(
            machines.map(({ client, machine }) => [
                client.name,
                {
                    clientId: client.name,
                    tokenEndpoint,
                    secretName: machine.secretName,
                    servers: client.servers,
                    scopes: client.scopes,
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
        this.interactiveClientId = people?.clientId;
        this.registerOutputs({ issuer, clients: this.clients, clientSecrets: this.clientSecrets });
    }

    /** The issuer and its keys, refused once they are known if they are not as they must be. */
    private resolveIssuer({ realm, ...args }: IdentityArgs) {
        const { issuer, jwksUri, jwksPort, clockSkewSeconds } = args;
        const given = { issuer, jwksUri, jwksPort, clockSkewSeconds };
        const checked = checkInput(this, given, (known) => findIssuerProblems(known, realm?.name));
        const known = pulumi.output(checked);
        return {
            issuer: known.apply((one) => one.issuer),
            jwksUri: known.apply((one) => one.jwksUri ?? identityDefaults.jwksUri(one.issuer)),
            jwksPort: known.apply((one) => one.jwksPort),
            clockSkewSeconds: known.apply(
                (one) => one.clockSkewSeconds ?? identityDefaults.clockSkewSeconds,
            ),
        };
    }
}

function createClients(
    identity: Identity,
    name: string,
    realm: RealmArgs,
    args: IdentityArgs,
    shared: Pick<MachineClientArgs, "issuer" | "tokenEndpoint" | "namespace">,
    protect = identityDefaults.protectRealm,
) {
    const { servers, clients = [], access = [], identityProviders = [] } = args;
    const { interactive, registration } = args;
    const child = { parent: identity };
    const isExisting = !(realm.create ?? identityDefaults.createRealm);
    const realmId = createRealm(name, realm, { ...child, protect: realm.protect ?? protect });
    const place = { name, realmId, isExisting, child };
    const clientId = introspectionClientId(args);
    const introspector = needsIntrospectionClient(args)
        ? new MachineClient(
              `${name}-introspection`,
              { ...shared, clientId, realmId, scopes: [] },
              child,
          )
        : undefined;
    const scopes = createProtectedScopes(place, args, introspector);
    if (realm.resourceIndicators ?? identityDefaults.resourceIndicators) {
        createResourceClients(name, realmId, servers, child);
    }
    for (const provider of identityProviders) {
        createIdentityProvider(place, provider);
    }
    const machines = grantedClients(clients, access, servers).map((client) => {
        const machineArgs = {
            ...shared,
            clientId: client.name,
            realmId,
            roleIds: scopes.findRoles(scopesOf(client, servers)),
            scopes: scopes.find(client.servers, client.scopes),
        };
        return { client, machine: new MachineClient(`${name}-${client.name}`, machineArgs, child) };
    });
    const findAll = (called = Object.keys(servers)) => {
        const tools = new Set(called.flatMap((server) => servers[server]?.toolScopes ?? []));
        return scopes.find(called, [...tools]);
    };
    const registrationPlace = { name, realmId, realmName: realm.name, child };
    if (registration !== undefined) {
        createRegistration(registrationPlace, registration, findAll(registration.servers));
    }
    if (!isExisting && registration?.dynamic === undefined) {
        closeRegistration(registrationPlace);
    }
    if (interactive === undefined) {
        return { machines, introspector };
    }
    const logoutService = findLogoutService(interactive);
    const peopleArgs = {
        access: interactive,
        realmId,
        scopes: findAll(interactive.servers),
        ...(logoutService !== undefined && {
            logoutUrl: pulumi.interpolate`http://${logoutService}.${shared.namespace}.svc/backchannel-logout`,
        }),
    };
    const people = new InteractiveClient(`${name}-interactive`, peopleArgs, child);
    return { machines, introspector, people };
}

/** Kubernetes names Services by DNS labels. */
const longestServiceName = 63;

/** Name of the Service for logout tokens, which both its creator and Keycloak know before it exists. */
function findLogoutService(interactive: IdentityArgs["interactive"]): string | undefined {
    const { interactive: defaults } = identityDefaults;
    const revokes =
        interactive !== undefined && (interactive.revokeOnLogout ?? defaults.revokeOnLogout);
    return revokes ? nameForStack("logout", longestServiceName) : undefined;
}
