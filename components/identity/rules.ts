import type * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../problems/argProblem.ts";
import { findInputProblems } from "../problems/inputs.ts";
import { findNameProblems, isHttpUrl, isPort, isWithin } from "../problems/values.ts";
import type {
    FurtherIssuer,
    IntrospectionArgs,
    MachineClientAccess,
    ProtectedServer,
} from "./args.ts";
import type { InteractiveAccess } from "./interactiveAccess.ts";
import { findPeopleProblems } from "./interactiveRules.ts";
import { findFurtherIssuerProblems, findRevocationProblems } from "./trustRules.ts";

/** Where tokens come from; rules check it as soon as it is known. */
interface CheckedIssuer {
    issuer: pulumi.Input<string>;
    jwksUri?: pulumi.Input<string>;
    jwksPort?: pulumi.Input<number>;
    clockSkewSeconds?: pulumi.Input<number>;
}

/** The arguments that the rules check; plain but for the issuer. */
interface CheckedIdentity extends CheckedIssuer {
    realm?: { name: string };
    furtherIssuers?: FurtherIssuer[];
    introspection?: IntrospectionArgs;
    servers: Record<string, Pick<ProtectedServer, "scopes" | "toolScopes" | "checkRevocation">>;
    clients?: MachineClientAccess[];
    interactive?: InteractiveAccess;
}

/** Refuses an identity that would not protect its servers, or whose names contradict each other. */
export function findIdentityProblems(identity: CheckedIdentity): ArgProblem[] {
    const { issuer, jwksUri, jwksPort, clockSkewSeconds, realm, clients = [] } = identity;
    return [
        ...findInputProblems({ issuer, jwksUri, jwksPort, clockSkewSeconds }, (known) =>
            findIssuerProblems(known, realm?.name),
        ),
        ...findFurtherIssuerProblems(issuer, identity.furtherIssuers),
        ...findRevocationProblems(identity),
        ...findRealmProblems(realm?.name),
        ...(realm === undefined && clients.length > 0
            ? [
                  {
                      path: "clients",
                      reason: `must be empty when the realm is administered elsewhere, got ${clients.length}; give 'adminUrl'`,
                  },
              ]
            : []),
        ...findClientProblems(clients, identity.servers),
        ...findPeopleProblems(identity),
        ...findSharedScopeProblems(identity.servers),
        ...findToolScopeProblems(identity.servers),
        ...findScopeNameProblems(identity.servers),
    ];
}

/** Refuses an issuer that tokens cannot have, or whose keys cannot be read. */
export function findIssuerProblems(
    { issuer, jwksUri, jwksPort, clockSkewSeconds = 0 }: pulumi.Unwrap<CheckedIssuer>,
    realm: string | undefined,
): ArgProblem[] {
    return [
        ...findIssuerUrlProblems(issuer, realm),
        ...(jwksUri === undefined || isHttpUrl(jwksUri)
            ? []
            : [{ path: "jwksUri", reason: `must be an http(s) URL, got '${jwksUri}'` }]),
        ...(jwksPort === undefined || isPort(jwksPort)
            ? []
            : [{ path: "jwksPort", reason: `must be 1 to 65535, got ${jwksPort}` }]),
        ...(isWithin(clockSkewSeconds, 0, 300)
            ? []
            : [{ path: "clockSkewSeconds", reason: `must be 0 to 300, got ${clockSkewSeconds}` }]),
    ];
}

function findIssuerUrlProblems(issuer: string, realm: string | undefined): ArgProblem[] {
    const path = "issuer";
    if (!issuer.startsWith("https://") || !isHttpUrl(issuer)) {
        return [{ path, reason: `must be an https URL, got '${issuer}'` }];
    }
    if (issuer.endsWith("/")) {
        const reason = `must not end with '/', got '${issuer}'; tokens are compared with it as text`;
        return [{ path, reason }];
    }
    const reason = `must end with '/realms/${realm}' as the realm is '${realm}', got '${issuer}'`;
    const isValid = realm !== undefined && findRealmProblems(realm).length === 0;
    return isValid && !issuer.endsWith(`/realms/${realm}`) ? [{ path, reason }] : [];
}

function findRealmProblems(realm: string | undefined): ArgProblem[] {
    if (realm === undefined) {
        return [];
    }
    if (realm === "master") {
        const reason =
            "must not be 'master', whose tokens administer Keycloak itself; use another realm";
        return [{ path: "realm", reason }];
    }
    const reason = `must be letters, digits, '.', '_' or '-', got '${realm}'`;
    return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(realm) ? [] : [{ path: "realm", reason }];
}

function findClientProblems(
    clients: MachineClientAccess[],
    protectedServers: CheckedIdentity["servers"],
): ArgProblem[] {
    const servers = Object.keys(protectedServers);
    const known = servers.map((server) => `'${server}'`).join(", ");
    return clients.flatMap(({ name, servers: called, scopes = [] }, index) => {
        const path = `clients[${index}]`;
        const problems: ArgProblem[] = called
            .filter((server) => !servers.includes(server))
            .map((server) => ({
                path: `${path}.servers`,
                reason: `must name servers of this stack (${known}), got '${server}'`,
            }));
        const needed = called.flatMap((server) => protectedServers[server]?.toolScopes ?? []);
        for (const scope of scopes.filter((scope) => !needed.includes(scope))) {
            const choice = needed.length === 0 ? "none" : [...new Set(needed)].join(", ");
            const reason = `must be scopes that tools of its servers need (${choice}), got '${scope}'`;
            problems.push({ path: `${path}.scopes`, reason });
        }
        problems.push(...findNameProblems(`${path}.name`, name, 50));
        if (clients.slice(0, index).some((earlier) => earlier.name === name)) {
            const reason = `must be given once, got '${name}' again`;
            problems.push({ path: `${path}.name`, reason });
        }
        return problems;
    });
}

function findSharedScopeProblems(servers: CheckedIdentity["servers"]): ArgProblem[] {
    const owners = new Map<string, string>();
    return Object.entries(servers).flatMap(([server, { scopes }]) =>
        scopes.flatMap((scope) => {
            const owner = owners.get(scope);
            owners.set(scope, server);
            // A shared scope would add both audiences to every token, which both servers would accept.
            return owner === undefined
                ? []
                : [
                      {
                          path: `servers.${server}.scopes`,
                          reason: `must not share a scope with '${owner}', got '${scope}'`,
                      },
                  ];
        }),
    );
}

function findToolScopeProblems(servers: CheckedIdentity["servers"]): ArgProblem[] {
    const owners = new Map(
        Object.entries(servers).flatMap(([server, { scopes }]) =>
            scopes.map((scope) => [scope, server] as const),
        ),
    );
    // The scope of a server adds its audience: a token for one tool would be valid for that server.
    return Object.entries(servers).flatMap(([server, { toolScopes = [] }]) =>
        toolScopes
            .filter((scope) => owners.has(scope))
            .map((scope) => ({
                path: `servers.${server}.tools.scopes`,
                reason: `must not name a scope of '${owners.get(scope)}' itself, got '${scope}'`,
            })),
    );
}

/** What resources of a scope are called. */
export function nameAfter(scope: string): string {
    return scope.replace(/[^A-Za-z0-9]+/g, "-");
}

/** Refuses scopes whose resources would have the same name; those of a server have its name as well, tool scopes not. */
function findScopeNameProblems(servers: CheckedIdentity["servers"]): ArgProblem[] {
    const toolScopes = new Map<string, string>();
    return Object.entries(servers).flatMap(([server, { scopes, toolScopes: tools = [] }]) => [
        ...findEqualNames(`servers.${server}.scopes`, scopes, new Map()),
        ...findEqualNames(`servers.${server}.tools.scopes`, tools, toolScopes),
    ]);
}

function findEqualNames(path: string, scopes: string[], known: Map<string, string>): ArgProblem[] {
    return scopes.flatMap((scope) => {
        const earlier = known.get(nameAfter(scope)) ?? scope;
        known.set(nameAfter(scope), earlier);
        const reason = `must differ from '${earlier}' in letters or digits, after which resources are named, got '${scope}'`;
        return earlier === scope ? [] : [{ path, reason }];
    });
}
