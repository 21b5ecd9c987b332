import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Connection } from "./connection.ts";
import { orGone } from "./connection.ts";
import { findGroup } from "./group.ts";

/** `keycloak.getRole`, `getGroup` and `getUser`, with the results that identify them. */
export function lookups(
    connection: Connection,
): ReadonlyMap<string, (args: Values) => Promise<Values>> {
    return new Map([
        ["keycloak:index/getRole:getRole", (args: Values) => findRole(connection, args)],
        ["keycloak:index/getGroup:getGroup", (args: Values) => findNamedGroup(connection, args)],
        ["keycloak:index/getUser:getUser", (args: Values) => findUser(connection, args)],
    ]);
}

async function findRole(connection: Connection, args: Values): Promise<Values> {
    const [realm, name] = [textOf(args, "realmId") ?? "", textOf(args, "name") ?? ""];
    if (args["clientId"] !== undefined) throw new Error("getRole: 'clientId' must be absent");
    const role = await orGone(
        connection.run(`read role '${name}'`, (keycloak) =>
            keycloak.roles.findOneByName({ realm, name }),
        ),
    );
    const { id = "", description = "" } = existing(role, "role", name, realm);
    return { id, realmId: realm, name, description, attributes: {}, compositeRoles: [] };
}

async function findNamedGroup(connection: Connection, args: Values): Promise<Values> {
    const [realm, name] = [textOf(args, "realmId") ?? "", textOf(args, "name")];
    const path = textOf(args, "groupPath");
    const sought = path === undefined ? { name: name ?? "" } : { path };
    const group = await connection.run(`read group '${path ?? name}'`, (keycloak) =>
        findGroup(keycloak, realm, sought),
    );
    const { id = "", name: found = "", ...rest } = existing(group, "group", path ?? name, realm);
    return { id, realmId: realm, name: found, path: rest.path ?? "", parentId: "", attributes: {} };
}

async function findUser(connection: Connection, args: Values): Promise<Values> {
    const [realm, username] = [textOf(args, "realmId") ?? "", textOf(args, "username") ?? ""];
    const [user] = await connection.run(`read user '${username}'`, (keycloak) =>
        keycloak.users.find({ realm, username, exact: true }),
    );
    const {
        id = "",
        email = "",
        firstName = "",
        lastName = "",
    } = existing(user, "user", username, realm);
    return {
        ...{ id, realmId: realm, username, email, firstName, lastName },
        ...{ emailVerified: user?.emailVerified ?? false, enabled: user?.enabled ?? true },
        ...{ attributes: {}, federatedIdentities: [], requiredActions: [] },
    };
}

function existing<T>(found: T | undefined, noun: string, name: unknown, realm: string): T {
    if (found === undefined || found === null)
        throw new Error(`there is no ${noun} '${String(name)}' in realm '${realm}'`);
    return found;
}
