import * as keycloak from "@pulumi/keycloak";
import type * as pulumi from "@pulumi/pulumi";

import type { UserArgs } from "./accessArgs.ts";
import type { IdentityArgs } from "./args.ts";
import { nameAfter } from "./scopeNames.ts";

/** Where the resources of an identity are created. */
export interface Place {
    /** Name of the identity, with which those of its resources begin. */
    name: string;
    realmId: pulumi.Output<string>;
    /** Whether the realm was there before, with groups, roles and users that are looked up. */
    isExisting: boolean;
    child: pulumi.CustomResourceOptions;
}

/** Ids by name. */
type Ids = Record<string, pulumi.Output<string>>;

/** Ids of all that rows of the access table name, besides machine clients. */
export interface Principals {
    groups: Ids;
    roles: Ids;
    users: Ids;
}

/** Creates users, and the groups and roles of the access table; in an existing realm those two are looked up. */
export function createPrincipals(
    place: Place,
    { access = [], users = [] }: Pick<IdentityArgs, "access" | "users">,
): Principals {
    const { realmId, isExisting, child } = place;
    const groups = mapNames(
        access.map(({ group }) => group),
        (group) => (isExisting ? findGroup(place, group) : createGroup(place, group)),
    );
    const roles = mapNames(
        access.map(({ role }) => role),
        (role) =>
            isExisting
                ? keycloak.getRoleOutput({ realmId, name: role }, { parent: child.parent }).id
                : createRole(place, role),
    );
    const created = Object.fromEntries(
        users.map((user) => [user.username, createUser(place, user, groups)]),
    );
    const found = mapNames(
        access.map(({ user }) => user).filter((user) => user !== undefined && !(user in created)),
        (username) => keycloak.getUserOutput({ realmId, username }, { parent: child.parent }).id,
    );
    return { groups, roles, users: { ...created, ...found } };
}

function createGroup({ name, realmId, child }: Place, group: string): pulumi.Output<string> {
    const groupArgs = { realmId, name: group };
    return new keycloak.Group(`${name}-group-${nameAfter(group)}`, groupArgs, child).id;
}

function findGroup({ realmId, child }: Place, group: string): pulumi.Output<string> {
    const sought = group.startsWith("/") ? { groupPath: group } : { name: group };
    return keycloak.getGroupOutput({ realmId, ...sought }, { parent: child.parent }).id;
}

function createRole({ name, realmId, child }: Place, role: string): pulumi.Output<string> {
    return new keycloak.Role(`${name}-role-${nameAfter(role)}`, { realmId, name: role }, child).id;
}

function createUser(
    { name, realmId, child }: Place,
    { groups = [], initialPassword, ...user }: UserArgs,
    known: Ids,
): pulumi.Output<string> {
    const resource = `${name}-user-${nameAfter(user.username)}`;
    const password =
        initialPassword === undefined ? undefined : { value: initialPassword, temporary: true };
    const userArgs = { realmId, ...user, initialPassword: password };
    const { id: userId } = new keycloak.User(resource, userArgs, {
        ...child,
        additionalSecretOutputs: ["initialPassword"],
    });
    if (groups.length > 0) {
        const groupIds = groups.map((group) => known[group]!);
        const memberships = { realmId, userId, groupIds, exhaustive: false };
        new keycloak.UserGroups(`${resource}-groups`, memberships, child);
    }
    return userId;
}

function mapNames(
    names: (string | undefined)[],
    find: (name: string) => pulumi.Output<string>,
): Ids {
    const unique = new Set(names.filter((name) => name !== undefined));
    return Object.fromEntries([...unique].map((name) => [name, find(name)]));
}
