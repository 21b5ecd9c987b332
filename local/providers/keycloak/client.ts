import { isValues, objectOf, textOf, textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { findClientProblems } from "./clientRules.ts";
import { durationAttribute } from "./duration.ts";
import type { Entity } from "./entity.ts";
import { attribute, flag, plain, set } from "./field.ts";
import type { Field } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `client '${textOf(inputs, "clientId")}' of realm '${realmOf(inputs)}'`;

/** Keycloak stores these redirect URIs as one string. */
const postLogoutRedirects: Field = {
    property: "validPostLogoutRedirectUris",
    path: ["attributes", "post.logout.redirect.uris"],
    write: (value) => textsOf({ value }, "value").sort().join("##"),
    read: (value) => (typeof value === "string" ? value.split("##") : value),
    empty: "",
};

/** `keycloak.openid.Client`, without authorization services and flow overrides. */
export const clientEntity: Entity = {
    noun: "client",
    fields: [
        plain("clientId"),
        plain("name"),
        plain("description"),
        plain("enabled"),
        plain("rootUrl"),
        plain("baseUrl"),
        plain("adminUrl"),
        plain("consentRequired"),
        plain("fullScopeAllowed"),
        plain("standardFlowEnabled"),
        plain("implicitFlowEnabled"),
        plain("directAccessGrantsEnabled"),
        plain("serviceAccountsEnabled"),
        plain("alwaysDisplayInConsole"),
        plain("clientAuthenticatorType"),
        plain("frontchannelLogoutEnabled", "frontchannelLogout"),
        plain("clientSecret", "secret"),
        set("validRedirectUris", "redirectUris"),
        set("webOrigins"),
        postLogoutRedirects,
        durationAttribute("accessTokenLifespan", "access.token.lifespan"),
        durationAttribute("clientSessionIdleTimeout", "client.session.idle.timeout"),
        durationAttribute("clientSessionMaxLifespan", "client.session.max.lifespan"),
        durationAttribute("oauth2DeviceCodeLifespan", "oauth2.device.code.lifespan"),
        attribute("pkceCodeChallengeMethod", "pkce.code.challenge.method"),
        attribute("consentScreenText", "consent.screen.text"),
        attribute("loginTheme", "login_theme"),
        attribute("frontchannelLogoutUrl", "frontchannel.logout.url"),
        attribute("backchannelLogoutUrl", "backchannel.logout.url"),
        flag("backchannelLogoutSessionRequired", "backchannel.logout.session.required"),
        flag("backchannelLogoutRevokeOfflineSessions", "backchannel.logout.revoke.offline.tokens"),
        flag("displayOnConsentScreen", "display.on.consent.screen"),
        flag("excludeIssuerFromAuthResponse", "exclude.issuer.from.auth.response"),
        flag("excludeSessionStateFromAuthResponse", "exclude.session.state.from.auth.response"),
        flag("oauth2DeviceAuthorizationGrantEnabled", "oauth2.device.authorization.grant.enabled"),
        flag("requireDpopBoundTokens", "dpop.bound.access.tokens"),
        flag("standardTokenExchangeEnabled", "standard.token.exchange.enabled"),
        flag("useRefreshTokens", "use.refresh.tokens"),
        flag("useRefreshTokensClientCredentials", "client_credentials.use_refresh_token"),
    ],
    otherInputs: ["realmId", "accessType", "extraConfig"],
    defaults: {
        backchannelLogoutSessionRequired: true,
        clientAuthenticatorType: "client-secret",
        directAccessGrantsEnabled: false,
        enabled: true,
        excludeSessionStateFromAuthResponse: false,
        frontchannelLogoutEnabled: false,
        fullScopeAllowed: true,
        implicitFlowEnabled: false,
        serviceAccountsEnabled: false,
        standardFlowEnabled: false,
        useRefreshTokens: true,
        useRefreshTokensClientCredentials: false,
    },
    required: ["realmId", "accessType"],
    findProblems: findClientProblems,
    autoname: "clientId",
    replaceOn: ["realmId"],
    outputs: ["clientSecret", "serviceAccountUserId"],
    secretOutputs: ["clientSecret"],
    finish: (inputs, representation) => ({
        ...representation,
        protocol: "openid-connect",
        publicClient: inputs.accessType === "PUBLIC",
        bearerOnly: inputs.accessType === "BEARER-ONLY",
        attributes: {
            ...objectOf(representation, "attributes"),
            ...objectOf(inputs, "extraConfig"),
        },
    }),
    readOthers: ({ publicClient, bearerOnly }) => ({
        accessType: accessType(publicClient === true, bearerOnly === true),
    }),
    complete: async (connection, inputs, id): Promise<Values> => {
        if (inputs.serviceAccountsEnabled !== true) return {};
        const realm = realmOf(inputs);
        const user = await connection.run(
            `read the service account of ${named(inputs)}`,
            (keycloak) => keycloak.clients.getServiceAccountUser({ realm, id }),
        );
        return { serviceAccountUserId: user.id ?? "" };
    },
    create: async (connection, inputs, representation, id) => {
        const realm = realmOf(inputs);
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.clients.create({ ...representation, id, realm }),
            (keycloak) => keycloak.clients.findOne({ realm, id }),
            (keycloak) => keycloak.clients.update({ realm, id }, representation),
        );
        return id;
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const found: unknown = await keycloak.clients.findOne({ realm: realmOf(inputs), id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, async ({ clients }) => {
            const client = { realm: realmOf(inputs), id };
            const before = await clients.listDefaultClientScopes(client);
            await clients.update(client, representation);
            // Keycloak attaches the scope `service_account` at every update, even if it was detached before.
            for (const scope of await clients.listDefaultClientScopes(client)) {
                if (before.some((one) => one.id === scope.id)) continue;
                await clients.delDefaultClientScope({ ...client, clientScopeId: scope.id ?? "" });
            }
        }),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.clients.del({ realm: realmOf(inputs), id }),
        ),
};

function accessType(isPublic: boolean, isBearerOnly: boolean): string {
    if (isPublic) return "PUBLIC";
    return isBearerOnly ? "BEARER-ONLY" : "CONFIDENTIAL";
}
