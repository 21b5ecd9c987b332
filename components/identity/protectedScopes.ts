import type * as pulumi from "@pulumi/pulumi";

import { assignRoles, buildGuard, createScopeRoles, unguarded } from "./accessControl.ts";
import { scopesBy } from "./accessTable.ts";
import type { IdentityArgs } from "./args.ts";
import type { IntrospectionClient } from "./introspection.ts";
import { createPrincipals, type Place } from "./principals.ts";
import { createScopes, createToolScopes } from "./scopes.ts";

/** The scopes of all servers and their tools. */
export interface ProtectedScopes {
    /** Names of the scopes of servers and of tool scopes, as clients refer to them. */
    find(servers: string[], toolScopes: string[]): pulumi.Output<string>[];
    /** Ids of the roles for scopes; none without an access table. */
    findRoles(scopes: string[]): pulumi.Output<string>[];
}

/** Creates the scopes, closes them as the access table says, and gives groups and users their roles. */
export function createProtectedScopes(
    place: Place,
    args: IdentityArgs,
    introspector: IntrospectionClient | undefined,
): ProtectedScopes {
    const { name, realmId, child } = place;
    const { servers, access = [] } = args;
    const principals = createPrincipals(place, args);
    const isGuarded = args.access !== undefined;
    const roles = isGuarded ? createScopeRoles(place, servers) : {};
    const guard = isGuarded
        ? buildGuard(place, roles, scopesBy("role", access, servers), principals)
        : unguarded;
    assignRoles(place, principals, roles, { access, servers });
    const scopes = Object.fromEntries(
        Object.entries(servers).map(([server, protectedServer]) => [
            server,
            createScopes(`${name}-${server}`, realmId, protectedServer, child, guard, introspector),
        ]),
    );
    const tools = createToolScopes(name, realmId, Object.values(servers), child, guard);
    return {
        find: (called, toolScopes) => [
            ...called.flatMap((server) => scopes[server] ?? []),
            ...toolScopes.flatMap((scope) => tools[scope] ?? []),
        ],
        findRoles: (granted) => granted.flatMap((scope) => roles[scope]?.id ?? []),
    };
}
