import { isValues, objectOf, textOf } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { attribute, flag, plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realm") ?? "";
const aliasOf = (inputs: Values): string => textOf(inputs, "alias") ?? "";
const named = (inputs: Values): string =>
    `identity provider '${aliasOf(inputs)}' of realm '${realmOf(inputs)}'`;

const text = (property: string, name = property) => attribute(property, name, "config");
const yes = (property: string, name = property) => flag(property, name, "config");

/** `keycloak.oidc.IdentityProvider`, without organizations and write-only secrets. */
export const identityProviderEntity: Entity = {
    noun: "identity provider",
    fields: [
        plain("alias"),
        plain("providerId"),
        plain("displayName"),
        plain("enabled"),
        plain("storeToken"),
        plain("addReadTokenRoleOnCreate"),
        plain("authenticateByDefault"),
        plain("linkOnly"),
        plain("trustEmail"),
        plain("firstBrokerLoginFlowAlias"),
        plain("postBrokerLoginFlowAlias"),
        text("guiOrder"),
        text("syncMode"),
        text("authorizationUrl"),
        text("tokenUrl"),
        text("logoutUrl"),
        text("userInfoUrl"),
        text("jwksUrl"),
        text("issuer"),
        text("clientId"),
        text("defaultScopes", "defaultScope"),
        text("loginHint"),
        yes("backchannelSupported"),
        yes("validateSignature"),
        yes("uiLocales"),
        yes("disableUserInfo"),
        yes("disableTypeClaimCheck"),
        yes("acceptsPromptNoneForwardFromClient"),
    ],
    // Keycloak never returns the secret.
    otherInputs: ["realm", "clientSecret", "extraConfig"],
    defaults: {
        acceptsPromptNoneForwardFromClient: false,
        addReadTokenRoleOnCreate: false,
        authenticateByDefault: false,
        backchannelSupported: true,
        defaultScopes: "openid",
        disableTypeClaimCheck: false,
        disableUserInfo: false,
        enabled: true,
        firstBrokerLoginFlowAlias: "first broker login",
        linkOnly: false,
        providerId: "oidc",
        storeToken: true,
        syncMode: "LEGACY",
        trustEmail: false,
        uiLocales: false,
        validateSignature: false,
    },
    required: ["realm", "alias", "authorizationUrl", "tokenUrl", "clientId", "clientSecret"],
    findProblems: ({ syncMode }) =>
        syncMode === undefined || ["IMPORT", "FORCE", "LEGACY"].includes(textIn(syncMode))
            ? []
            : [
                  {
                      property: "syncMode",
                      reason: `must be IMPORT, FORCE or LEGACY, got '${textIn(syncMode)}'`,
                  },
              ],
    autoname: "alias",
    replaceOn: ["realm", "alias", "addReadTokenRoleOnCreate"],
    outputs: ["internalId"],
    complete: (_connection, _inputs, _id, found) =>
        Promise.resolve({ internalId: found.internalId ?? "" }),
    finish: (inputs, representation) => ({
        ...representation,
        config: {
            ...objectOf(representation, "config"),
            clientSecret: inputs.clientSecret ?? "",
            useJwksUrl: String(textOf(inputs, "jwksUrl") !== undefined),
            ...objectOf(inputs, "extraConfig"),
        },
    }),
    create: async (connection, inputs, representation) => {
        const [realm, alias] = [realmOf(inputs), aliasOf(inputs)];
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.identityProviders.create({ ...representation, realm }),
            (keycloak) => keycloak.identityProviders.findOne({ realm, alias }),
        );
        return alias;
    },
    find: (connection, inputs, alias) =>
        connection.run(`read identity provider '${alias}'`, async (keycloak) => {
            const realm = realmOf(inputs);
            const found: unknown = await keycloak.identityProviders.findOne({ realm, alias });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, alias, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) =>
            keycloak.identityProviders.update({ realm: realmOf(inputs), alias }, representation),
        ),
    remove: (connection, inputs, alias) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.identityProviders.del({ realm: realmOf(inputs), alias }),
        ),
};

function textIn(value: Value): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

const providerOf = (inputs: Values) => ({
    realm: realmOf(inputs),
    alias: textOf(inputs, "identityProviderAlias") ?? "",
});
const mapperNamed = (inputs: Values): string =>
    `mapper '${textOf(inputs, "name")}' of identity provider '${providerOf(inputs).alias}'`;

/** `keycloak.CustomIdentityProviderMapping`: any mapper of an identity provider, by the id of its type. */
export const identityProviderMapperEntity: Entity = {
    noun: "identity provider mapper",
    fields: [
        plain("name"),
        plain("identityProviderMapper"),
        plain("identityProviderAlias"),
        plain("extraConfig", "config"),
    ],
    otherInputs: ["realm"],
    required: ["realm", "identityProviderAlias", "identityProviderMapper"],
    autoname: "name",
    replaceOn: ["realm", "name", "identityProviderAlias", "identityProviderMapper"],
    outputs: [],
    create: async (connection, inputs, representation) => {
        const made = await connection.run(`create ${mapperNamed(inputs)}`, async (keycloak) => {
            const where = providerOf(inputs);
            // A name is unique in its provider: after a lost answer the mapper is there already.
            const all = await keycloak.identityProviders.findMappers(where);
            const existing = all.find(({ name }) => name === textOf(inputs, "name"));
            return (
                existing ??
                keycloak.identityProviders.createMapper({
                    ...where,
                    identityProviderMapper: representation,
                })
            );
        });
        return made.id ?? "";
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${mapperNamed(inputs)}`, async (keycloak) => {
            const where = providerOf(inputs);
            const found: unknown = await keycloak.identityProviders.findOneMapper({ ...where, id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${mapperNamed(inputs)}`, (keycloak) =>
            keycloak.identityProviders.updateMapper({ ...providerOf(inputs), id }, representation),
        ),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${mapperNamed(inputs)}`, (keycloak) =>
            keycloak.identityProviders.delMapper({ ...providerOf(inputs), id }),
        ),
};
