import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { isValues, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { multiAttributes, plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `group '${textOf(inputs, "name")}' of realm '${realmOf(inputs)}'`;

/** A group as the administration API lists it. */
export interface ListedGroup {
    id?: string;
    name?: string;
    path?: string;
    subGroups?: ListedGroup[];
}

/** `keycloak.Group` at the top of a realm, without organizations. */
export const groupEntity: Entity = {
    noun: "group",
    fields: [plain("name"), plain("description"), multiAttributes()],
    otherInputs: ["realmId"],
    required: ["realmId"],
    autoname: "name",
    replaceOn: ["realmId"],
    outputs: ["path"],
    complete: (_connection, _inputs, _id, found) => Promise.resolve({ path: found.path ?? "" }),
    create: async (connection, inputs, representation) => {
        const [realm, name] = [realmOf(inputs), textOf(inputs, "name") ?? ""];
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.groups.create({ ...representation, realm }),
            (keycloak) => findGroup(keycloak, realm, { path: `/${name}` }),
        );
        const group = await connection.run(`read ${named(inputs)}`, (keycloak) =>
            findGroup(keycloak, realm, { path: `/${name}` }),
        );
        return group?.id ?? "";
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const found: unknown = await keycloak.groups.findOne({ realm: realmOf(inputs), id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) =>
            keycloak.groups.update({ realm: realmOf(inputs), id }, representation),
        ),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.groups.del({ realm: realmOf(inputs), id }),
        ),
};

/** Finds a group by its path, or the first group of a name, at any depth. */
export async function findGroup(
    keycloak: KeycloakAdminClient,
    realm: string,
    { path, name }: { path?: string; name?: string },
): Promise<ListedGroup | undefined> {
    const search = name ?? path?.split("/").at(-1) ?? "";
    const found = await keycloak.groups.find({ realm, search, exact: true, max: 1000 });
    const all = (found as ListedGroup[]).flatMap(withDescendants);
    return all.find((group) => (path === undefined ? group.name === name : group.path === path));
}

function withDescendants(group: ListedGroup): ListedGroup[] {
    return [group, ...(group.subGroups ?? []).flatMap(withDescendants)];
}
