import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { differenceOf, startsWithAny } from "../protocol/difference.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import type { ResourceType } from "../protocol/provider.ts";
import { textOf, textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { orGone } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { addRoles, listRoles, removeRoles } from "./roleMappings.ts";
import type { Owner } from "./roleMappings.ts";

/** A list of ids that is assigned to a user or a group. */
interface Assignment {
    /** Words of messages, such as `roles of group`. */
    noun: string;
    owner: "userId" | "groupId";
    items: "roleIds" | "groupIds";
    list(keycloak: KeycloakAdminClient, owner: Owner): Promise<string[]>;
    add(keycloak: KeycloakAdminClient, owner: Owner, ids: string[]): Promise<void>;
    remove(keycloak: KeycloakAdminClient, owner: Owner, ids: string[]): Promise<void>;
}

const roles = { items: "roleIds", list: listRoles, add: addRoles, remove: removeRoles } as const;

/** `keycloak.UserRoles` */
export const userRoles: Assignment = {
    ...{ noun: "roles of user", owner: "userId", items: roles.items },
    list: (keycloak, owner) => roles.list(keycloak.users, owner),
    add: (keycloak, owner, ids) => roles.add(keycloak, keycloak.users, owner, ids),
    remove: (keycloak, owner, ids) => roles.remove(keycloak, keycloak.users, owner, ids),
};

/** `keycloak.GroupRoles` */
export const groupRoles: Assignment = {
    ...{ noun: "roles of group", owner: "groupId", items: roles.items },
    list: (keycloak, owner) => roles.list(keycloak.groups, owner),
    add: (keycloak, owner, ids) => roles.add(keycloak, keycloak.groups, owner, ids),
    remove: (keycloak, owner, ids) => roles.remove(keycloak, keycloak.groups, owner, ids),
};

/** `keycloak.UserGroups` */
export const userGroups: Assignment = {
    ...{ noun: "groups of user", owner: "userId", items: "groupIds" },
    list: async (keycloak, owner) =>
        (await keycloak.users.listGroups({ ...owner, max: 1000 })).map(({ id = "" }) => id),
    add: async (keycloak, owner, ids) => {
        for (const groupId of ids) await keycloak.users.addToGroup({ ...owner, groupId });
    },
    remove: async (keycloak, owner, ids) => {
        for (const groupId of ids) await keycloak.users.delFromGroup({ ...owner, groupId });
    },
};

/** Resource type of an assignment; `exhaustive` (the default) removes every id that is not listed. */
export function assignmentType(connection: Connection, assignment: Assignment): ResourceType {
    const { noun, items } = assignment;
    const ownerOf = (inputs: Values): Owner => ({
        realm: textOf(inputs, "realmId") ?? "",
        id: textOf(inputs, assignment.owner) ?? "",
    });
    const put = async (inputs: Values, before: Values, preview: boolean): Promise<Values> => {
        if (preview) return inputs;
        const owner = ownerOf(inputs);
        await connection.run(`set the ${noun} '${owner.id}'`, async (keycloak) => {
            const wanted = textsOf(inputs, items);
            const present = await assignment.list(keycloak, owner);
            const dropped = inputs["exhaustive"] === false ? textsOf(before, items) : present;
            const surplus = dropped.filter((id) => !wanted.includes(id) && present.includes(id));
            if (surplus.length > 0) await assignment.remove(keycloak, owner, surplus);
            const missing = wanted.filter((id) => !present.includes(id));
            if (missing.length > 0) await assignment.add(keycloak, owner, missing);
        });
        return inputs;
    };
    return {
        secretOutputs: [],
        check: ({ inputs: given }) => {
            const inputs = { exhaustive: true, ...given };
            const required = ["realmId", assignment.owner, items];
            const failures = [
                ...findUnsupported("keycloak", inputs, [...required, "exhaustive"]),
                ...findMissing(required, inputs),
            ];
            return { inputs, failures };
        },
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(sorted(oldInputs, items), sorted(inputs, items), (path) =>
                startsWithAny(["realmId", assignment.owner])(path),
            ),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview }) => {
            const outputs = await put(inputs, {}, preview);
            const { realm, id } = ownerOf(inputs);
            return { id: preview ? "" : `${realm}/${id}`, outputs };
        },
        update: ({ inputs, oldInputs, preview }) => put(inputs, oldInputs, preview),
        read: async ({ id, oldInputs }) => {
            const [realmId = "", ownerId = ""] = id.split("/");
            const inputs = oldInputs ?? { realmId, [assignment.owner]: ownerId, exhaustive: true };
            const found = await orGone(
                connection.run(`read the ${noun} '${ownerId}'`, (keycloak) =>
                    assignment.list(keycloak, ownerOf(inputs)),
                ),
            );
            if (found === undefined) return undefined;
            const said = textsOf(inputs, items);
            const live =
                inputs["exhaustive"] === false ? said.filter((one) => found.includes(one)) : found;
            const same = [...said].sort().join(" ") === [...live].sort().join(" ");
            const values = { ...inputs, [items]: same ? said : live };
            return { id, inputs: values, outputs: values };
        },
        delete: async ({ inputs }) => {
            await orGone(
                connection.run(`remove the ${noun} '${ownerOf(inputs).id}'`, async (keycloak) => {
                    const present = await assignment.list(keycloak, ownerOf(inputs));
                    const ours = textsOf(inputs, items).filter((id) => present.includes(id));
                    if (ours.length > 0) await assignment.remove(keycloak, ownerOf(inputs), ours);
                }),
            );
        },
    };
}

function sorted(inputs: Values, property: string): Values {
    const value = inputs[property];
    return Array.isArray(value) ? { ...inputs, [property]: [...value].sort() } : inputs;
}
