import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import type { CheckFailure } from "../protocol/provider.ts";
import { isValues, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { attribute, flag, plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `audience mapper '${textOf(inputs, "name")}' of realm '${realmOf(inputs)}'`;

/** `keycloak.openid.AudienceProtocolMapper`, on a client scope or on a client. */
export const audienceMapperEntity: Entity = {
    noun: "audience mapper",
    fields: [
        plain("name"),
        attribute("includedClientAudience", "included.client.audience", "config"),
        attribute("includedCustomAudience", "included.custom.audience", "config"),
        flag("addToAccessToken", "access.token.claim", "config"),
        flag("addToIdToken", "id.token.claim", "config"),
        flag("addToTokenIntrospection", "introspection.token.claim", "config"),
    ],
    otherInputs: ["realmId", "clientId", "clientScopeId"],
    defaults: { addToAccessToken: true, addToIdToken: true, addToTokenIntrospection: true },
    required: ["realmId"],
    findProblems: (inputs) => [
        ...findChoiceProblems(inputs, ["clientId", "clientScopeId"]),
        ...findChoiceProblems(inputs, ["includedClientAudience", "includedCustomAudience"]),
    ],
    autoname: "name",
    replaceOn: ["realmId", "clientId", "clientScopeId"],
    outputs: [],
    finish: (_inputs, representation) => ({
        ...representation,
        protocol: "openid-connect",
        protocolMapper: "oidc-audience-mapper",
    }),
    create: async (connection, inputs, representation, id) => {
        // Keycloak's answer has no id, but it accepts one from the request.
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => {
                const { owner, mappers } = mappersOf(keycloak, inputs);
                return mappers.addProtocolMapper(owner, { ...representation, id });
            },
            (keycloak) => findMapper(keycloak, inputs, id),
            (keycloak) => {
                const { owner, mappers } = mappersOf(keycloak, inputs);
                const given = { ...representation, id };
                return mappers.updateProtocolMapper({ ...owner, mapperId: id }, given);
            },
        );
        return id;
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, (keycloak) => findMapper(keycloak, inputs, id)),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) => {
            const { owner, mappers } = mappersOf(keycloak, inputs);
            return mappers.updateProtocolMapper({ ...owner, mapperId: id }, representation);
        }),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) => {
            const { owner, mappers } = mappersOf(keycloak, inputs);
            return mappers.delProtocolMapper({ ...owner, mapperId: id });
        }),
};

async function findMapper(
    keycloak: KeycloakAdminClient,
    inputs: Values,
    id: string,
): Promise<Values | undefined> {
    const { owner, mappers } = mappersOf(keycloak, inputs);
    const all: unknown[] = await mappers.listProtocolMappers(owner);
    return all.filter(isValues).find((mapper) => mapper.id === id);
}

function mappersOf(keycloak: KeycloakAdminClient, inputs: Values) {
    const scope = textOf(inputs, "clientScopeId");
    const client = textOf(inputs, "clientId");
    const owner = { realm: realmOf(inputs), id: scope ?? client ?? "" };
    return { owner, mappers: scope === undefined ? keycloak.clients : keycloak.clientScopes };
}

function findChoiceProblems(inputs: Values, choice: [string, string]): CheckFailure[] {
    const given = choice.filter((property) => inputs[property] !== undefined);
    if (given.length === 1) return [];
    const [first, second] = choice;
    const got = given.length === 0 ? "neither" : "both";
    return [{ property: first, reason: `must be set, or '${second}' instead, got ${got}` }];
}
