import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { isValues, textOf } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";
import { orGone } from "./connection.ts";
import type { Entity } from "./entity.ts";
import { plain } from "./field.ts";

const subTypes = ["anonymous", "authenticated"];
const providerType = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

/** Settings with several values, which a program gives as one text with commas. */
const multiValued = ["trusted-hosts", "allowed-client-scopes", "allowed-protocol-mapper-types"];

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `client registration policy '${textOf(inputs, "name")}' of realm '${realmOf(inputs)}'`;

/** `keycloak.RealmClientRegistrationPolicy`. Keycloak's own policies, which every realm has, are others. */
export const registrationPolicyEntity: Entity = {
    noun: "client registration policy",
    fields: [
        plain("name"),
        plain("providerId"),
        plain("subType"),
        { ...plain("config"), write: writeConfig, read: readConfig, empty: {} },
    ],
    otherInputs: ["realmId"],
    required: ["realmId", "providerId", "subType"],
    findProblems: ({ subType }) =>
        typeof subType !== "string" || subTypes.includes(subType)
            ? []
            : [
                  {
                      property: "subType",
                      reason: `must be ${subTypes.join(" or ")}, got '${subType}'`,
                  },
              ],
    autoname: "name",
    replaceOn: ["realmId", "providerId", "subType"],
    outputs: [],
    finish: (inputs, representation) => ({
        ...representation,
        providerType,
        parentId: realmOf(inputs),
    }),
    create: async (connection, inputs, representation, id) => {
        const realm = realmOf(inputs);
        await connection.create(
            `create ${named(inputs)}`,
            async (keycloak) => {
                const parentId = await findParent(keycloak, realm);
                await keycloak.components.create({ ...representation, id, realm, parentId });
            },
            (keycloak) => keycloak.components.findOne({ realm, id }),
            async (keycloak) => {
                const parentId = await findParent(keycloak, realm);
                await keycloak.components.update({ realm, id }, { ...representation, parentId });
            },
        );
        return id;
    },
    findId: async (connection, realm, [name, providerId, subType]) => {
        const found = await orGone(
            connection.run(
                `find client registration policy '${name}' of realm '${realm}'`,
                (keycloak) =>
                    keycloak.components.find({ realm, type: providerType, name: name ?? "" }),
            ),
        );
        const isSame = (one: { providerId?: string; subType?: string }) =>
            one.providerId === providerId && one.subType === subType;
        return found?.find(isSame)?.id;
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const found: unknown = await keycloak.components.findOne({
                realm: realmOf(inputs),
                id,
            });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, async (keycloak) => {
            const realm = realmOf(inputs);
            const parentId = await findParent(keycloak, realm);
            await keycloak.components.update({ realm, id }, { ...representation, parentId });
        }),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.components.del({ realm: realmOf(inputs), id }),
        ),
};

/** Id of a realm, which may differ from its name: Keycloak finds a policy by it. */
async function findParent(keycloak: KeycloakAdminClient, realm: string): Promise<string> {
    return (await keycloak.realms.findOne({ realm }))?.id ?? realm;
}

function writeConfig(config: Value): Value {
    if (!isValues(config)) return config;
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => {
            const text = typeof value === "string" ? value : JSON.stringify(value);
            const values = multiValued.includes(key)
                ? text.split(",").map((one) => one.trim())
                : [text];
            return [key, values.sort()];
        }),
    );
}

function readConfig(config: Value): Value {
    if (!isValues(config)) return config;
    return Object.fromEntries(
        Object.entries(config).map(([key, values]) => [
            key,
            Array.isArray(values) ? values.map(String).join(",") : values,
        ]),
    );
}
