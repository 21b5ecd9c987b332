import type { ArgProblem } from "../problems/argProblem.ts";
import type { ScopedServers } from "./accessTable.ts";

/** Scopes that Keycloak creates in every realm. */
const builtinScopes = [
    "acr",
    "address",
    "basic",
    "email",
    "microprofile-jwt",
    "offline_access",
    "openid",
    "organization",
    "phone",
    "profile",
    "role_list",
    "roles",
    "saml_organization",
    "service_account",
    "web-origins",
];

/** What resources of a scope are called. */
export function nameAfter(scope: string): string {
    return scope.replace(/[^A-Za-z0-9]+/g, "-");
}

/** Refuses scopes that collide: with Keycloak's own, with those of another server, or in the names of resources. */
export function findScopeProblems(servers: ScopedServers): ArgProblem[] {
    return [
        ...findBuiltinScopeProblems(servers),
        ...findSharedScopeProblems(servers),
        ...findToolScopeProblems(servers),
        ...findScopeNameProblems(servers),
    ];
}

function findBuiltinScopeProblems(servers: ScopedServers): ArgProblem[] {
    return Object.entries(servers).flatMap(([server, { scopes, toolScopes = [] }]) =>
        [
            { path: `servers.${server}.scopes`, named: scopes },
            { path: `servers.${server}.tools.scopes`, named: toolScopes },
        ].flatMap(({ path, named }) =>
            named
                .filter((scope) => builtinScopes.includes(scope))
                .map((scope) => ({
                    path,
                    reason: `must not be a scope that Keycloak has in every realm, got '${scope}'; add a prefix: 'mcp:${scope}'`,
                })),
        ),
    );
}

function findSharedScopeProblems(servers: ScopedServers): ArgProblem[] {
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

function findToolScopeProblems(servers: ScopedServers): ArgProblem[] {
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

/** Refuses scopes whose resources would have the same name; those of a server have its name as well, tool scopes not. */
function findScopeNameProblems(servers: ScopedServers): ArgProblem[] {
    const toolScopes = new Map<string, string>();
    return Object.entries(servers).flatMap(([server, { scopes, toolScopes: tools = [] }]) => [
        ...findEqualNames(`servers.${server}.scopes`, scopes, new Map()),
        ...findEqualNames(`servers.${server}.tools.scopes`, tools, toolScopes),
    ]);
}

/** Refuses names that are equal but for characters that resource names leave out; `known` are earlier ones. */
export function findEqualNames(
    path: string,
    scopes: string[],
    known: Map<string, string>,
): ArgProblem[] {
    return scopes.flatMap((scope) => {
        const earlier = known.get(nameAfter(scope)) ?? scope;
        known.set(nameAfter(scope), earlier);
        const reason = `must differ from '${earlier}' in letters or digits, after which resources are named, got '${scope}'`;
        return earlier === scope ? [] : [{ path, reason }];
    });
}
