import { isValues, objectOf, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { attribute, flag, plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `client scope '${textOf(inputs, "name")}' of realm '${realmOf(inputs)}'`;

/** `keycloak.openid.ClientScope`. */
export const clientScopeEntity: Entity = {
    noun: "client scope",
    fields: [
        plain("name"),
        plain("description"),
        attribute("consentScreenText", "consent.screen.text"),
        {
            ...attribute("guiOrder", "gui.order"),
            read: (value) => Number(value),
        },
        flag("includeInTokenScope", "include.in.token.scope"),
        flag("includeInOpenidProviderMetadata", "include.in.openid.provider.metadata"),
    ],
    otherInputs: ["realmId", "extraConfig"],
    defaults: { includeInTokenScope: true },
    required: ["realmId"],
    autoname: "name",
    replaceOn: ["realmId"],
    outputs: [],
    finish: (inputs, representation) => ({
        ...representation,
        protocol: "openid-connect",
        attributes: {
            ...objectOf(representation, "attributes"),
            "display.on.consent.screen": String(textOf(inputs, "consentScreenText") !== undefined),
            ...objectOf(inputs, "extraConfig"),
        },
    }),
    create: async (connection, inputs, representation, id) => {
        const realm = realmOf(inputs);
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.clientScopes.create({ ...representation, id, realm }),
            (keycloak) => keycloak.clientScopes.findOne({ realm, id }),
            (keycloak) => keycloak.clientScopes.update({ realm, id }, representation),
        );
        return id;
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const realm = realmOf(inputs);
            const found: unknown = await keycloak.clientScopes.findOne({ realm, id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) =>
            keycloak.clientScopes.update({ realm: realmOf(inputs), id }, representation),
        ),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.clientScopes.del({ realm: realmOf(inputs), id }),
        ),
};
