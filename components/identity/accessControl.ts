import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import type { AccessGrant } from "./accessArgs.ts";
import { type ScopedServers, scopesBy } from "./accessTable.ts";
import type { Place, Principals } from "./principals.ts";
import { nameAfter } from "./scopeNames.ts";

/** A scope, whose name is known once it is closed to all that the access table does not name. */
export type ScopeGuard = (
    scope: string,
    clientScope: keycloak.openid.ClientScope,
) => pulumi.Output<string>;

/** Leaves a scope to every user of the realm. */
export const unguarded: ScopeGuard = (_scope, clientScope) => clientScope.name;

/**
 * Creates a role of the same name for each scope. Keycloak leaves a scope out of a token unless its user, or the service
 * account of its client, has one of the roles of the scope.
 */
export function createScopeRoles(
    { name, realmId, child }: Place,
    servers: ScopedServers,
): Record<string, keycloak.Role> {
    const scopes = Object.values(servers).flatMap(({ scopes, toolScopes = [] }) => [
        ...scopes,
        ...toolScopes,
    ]);
    return Object.fromEntries(
        [...new Set(scopes)].map((scope) => {
            const roleArgs = { realmId, name: scope, description: `May use scope '${scope}'` };
            return [scope, new keycloak.Role(`${name}-may-${nameAfter(scope)}`, roleArgs, child)];
        }),
    );
}

/** Closes each scope to all but its own role and the roles to which the access table grants it. */
export function buildGuard(
    { name, realmId, child }: Place,
    scopeRoles: Record<string, keycloak.Role>,
    granted: Record<string, string[]>,
    { roles }: Pick<Principals, "roles">,
): ScopeGuard {
    return (scope, clientScope) => {
        const guard = `${name}-guard-${nameAfter(scope)}`;
        const others = Object.entries(granted).filter(([, scopes]) => scopes.includes(scope));
        const required = [
            { mapper: guard, roleId: scopeRoles[scope]!.id },
            ...others.map(([role]) => ({
                mapper: `${guard}-${nameAfter(role)}`,
                roleId: roles[role]!,
            })),
        ];
        const mappers = required.map(({ mapper, roleId }) => {
            const mapperArgs = { realmId, clientScopeId: clientScope.id, roleId };
            return new keycloak.GenericRoleMapper(mapper, mapperArgs, child);
        });
        // A client that had the scope before its mappers could give it to anyone.
        return pulumi
            .all([clientScope.name, ...mappers.map((mapper) => mapper.id)])
            .apply(([scopeName]) => scopeName!);
    };
}

/** Gives groups and users the roles of their scopes. */
export function assignRoles(
    { name, realmId, child }: Place,
    { groups, users }: Principals,
    scopeRoles: Record<string, keycloak.Role>,
    { access, servers }: { access: AccessGrant[]; servers: ScopedServers },
): void {
    const shared = { realmId, exhaustive: false };
    const rolesOf = (scopes: string[]) => scopes.map((scope) => scopeRoles[scope]!.id);
    for (const [group, scopes] of Object.entries(scopesBy("group", access, servers))) {
        new keycloak.GroupRoles(
            `${name}-group-${nameAfter(group)}-roles`,
            { ...shared, groupId: groups[group]!, roleIds: rolesOf(scopes) },
            child,
        );
    }
    for (const [user, scopes] of Object.entries(scopesBy("user", access, servers))) {
        new keycloak.UserRoles(
            `${name}-user-${nameAfter(user)}-roles`,
            { ...shared, userId: users[user]!, roleIds: rolesOf(scopes) },
            child,
        );
    }
}
