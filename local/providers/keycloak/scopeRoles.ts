import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { differenceOf } from "../protocol/difference.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import type { ResourceType } from "../protocol/provider.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { orGone } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { findRole } from "./roleMappings.ts";

const properties = ["realmId", "clientId", "clientScopeId", "roleId"];

/** `keycloak.GenericRoleMapper`: a role in the scope mappings of a client scope or a client. */
export function scopeRoleType(connection: Connection): ResourceType {
    return {
        secretOutputs: [],
        check: ({ inputs }) => ({
            inputs,
            failures: [
                ...findUnsupported("keycloak", inputs, properties),
                ...findMissing(["realmId", "roleId"], inputs),
                ...findOwnerProblems(inputs),
            ],
        }),
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(oldInputs, inputs, () => true),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview }) => {
            if (preview) return { id: "", outputs: inputs };
            await connection.run(`add ${named(inputs)}`, async (keycloak) => {
                const { mappings, query } = placeOf(keycloak, inputs);
                const role = await roleOf(keycloak, inputs);
                if (role === undefined) throw new Error(`there is no ${named(inputs)}`);
                const { client, ...entry } = role;
                if (client === undefined) await mappings.addRealmScopeMappings(query, [entry]);
                else await mappings.addClientScopeMappings({ ...query, client }, [entry]);
            });
            return { id: idOf(inputs), outputs: inputs };
        },
        update: () => Promise.reject(new Error("every change replaces a role mapper")),
        read: async ({ id, oldInputs = {} }) => {
            const found = await orGone(
                connection.run(`read ${named(oldInputs)}`, async (keycloak) => {
                    const { mappings, query } = placeOf(keycloak, oldInputs);
                    const role = await roleOf(keycloak, oldInputs);
                    if (role === undefined) return false;
                    const { client } = role;
                    const listed =
                        client === undefined
                            ? await mappings.listRealmScopeMappings(query)
                            : await mappings.listClientScopeMappings({ ...query, client });
                    return listed.some((one) => one.id === role.id);
                }),
            );
            return found === true ? { id, inputs: oldInputs, outputs: oldInputs } : undefined;
        },
        delete: async ({ inputs }) => {
            await orGone(
                connection.run(`remove ${named(inputs)}`, async (keycloak) => {
                    const { mappings, query } = placeOf(keycloak, inputs);
                    const role = await roleOf(keycloak, inputs);
                    if (role === undefined) return;
                    const { client, ...entry } = role;
                    if (client === undefined) await mappings.delRealmScopeMappings(query, [entry]);
                    else await mappings.delClientScopeMappings({ ...query, client }, [entry]);
                }),
            );
        },
    };
}

function roleOf(keycloak: KeycloakAdminClient, inputs: Values) {
    return findRole(keycloak, textOf(inputs, "realmId") ?? "", textOf(inputs, "roleId") ?? "");
}

function findOwnerProblems(inputs: Values) {
    const given = ["clientId", "clientScopeId"].filter((name) => inputs[name] !== undefined);
    const got = given.length === 0 ? "neither" : "both";
    return given.length === 1
        ? []
        : [{ property: "clientId", reason: `must be set, or 'clientScopeId' instead, got ${got}` }];
}

function named(inputs: Values): string {
    const owner = textOf(inputs, "clientScopeId") ?? textOf(inputs, "clientId");
    return `role '${textOf(inputs, "roleId")}' in the scope mappings of '${owner}'`;
}

function idOf(inputs: Values): string {
    const scope = textOf(inputs, "clientScopeId");
    const owner = scope === undefined ? "client" : "client-scope";
    const id = scope ?? textOf(inputs, "clientId");
    return `${textOf(inputs, "realmId")}/${owner}/${id}/scope-mappings/${textOf(inputs, "roleId")}`;
}

function placeOf(keycloak: KeycloakAdminClient, inputs: Values) {
    const realm = textOf(inputs, "realmId") ?? "";
    const scope = textOf(inputs, "clientScopeId");
    return {
        mappings: scope === undefined ? keycloak.clients : keycloak.clientScopes,
        query: { realm, id: scope ?? textOf(inputs, "clientId") ?? "" },
    };
}
