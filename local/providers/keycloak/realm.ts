import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import {
    completeSecurityDefenses,
    findSecurityDefenseProblems,
    readBruteForceDetection,
    writeBruteForceDetection,
} from "./bruteForceDetection.ts";
import { duration } from "./duration.ts";
import type { Entity } from "./entity.ts";
import { plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realm") ?? "";

/** `keycloak.Realm`, without its nested policies (SMTP, themes by locale, browser headers, WebAuthn, OTP, flows). */
export const realmEntity: Entity = {
    noun: "realm",
    fields: [
        plain("realm"),
        plain("enabled"),
        plain("displayName"),
        plain("displayNameHtml"),
        plain("loginTheme"),
        plain("accountTheme"),
        plain("adminTheme"),
        plain("emailTheme"),
        plain("registrationAllowed"),
        plain("registrationEmailAsUsername"),
        plain("editUsernameAllowed"),
        plain("resetPasswordAllowed"),
        plain("rememberMe"),
        plain("verifyEmail"),
        plain("loginWithEmailAllowed"),
        plain("duplicateEmailsAllowed"),
        plain("sslRequired"),
        plain("defaultSignatureAlgorithm"),
        plain("passwordPolicy"),
        plain("organizationsEnabled"),
        plain("adminPermissionsEnabled"),
        plain("revokeRefreshToken"),
        plain("refreshTokenMaxReuse"),
        plain("offlineSessionMaxLifespanEnabled"),
        plain("oauth2DevicePollingInterval"),
        plain("userManagedAccess", "userManagedAccessAllowed"),
        plain("attributes"),
        duration("accessTokenLifespan"),
        duration("accessTokenLifespanForImplicitFlow"),
        duration("accessCodeLifespan"),
        duration("accessCodeLifespanLogin"),
        duration("accessCodeLifespanUserAction"),
        duration("actionTokenGeneratedByAdminLifespan"),
        duration("actionTokenGeneratedByUserLifespan"),
        duration("clientSessionIdleTimeout"),
        duration("clientSessionMaxLifespan"),
        duration("oauth2DeviceCodeLifespan"),
        duration("offlineSessionIdleTimeout"),
        duration("offlineSessionMaxLifespan"),
        duration("ssoSessionIdleTimeout"),
        duration("ssoSessionIdleTimeoutRememberMe"),
        duration("ssoSessionMaxLifespan"),
        duration("ssoSessionMaxLifespanRememberMe"),
    ],
    otherInputs: ["securityDefenses"],
    defaults: { enabled: true },
    prepare: completeSecurityDefenses,
    required: ["realm"],
    findProblems: findSecurityDefenseProblems,
    finish: writeBruteForceDetection,
    readOthers: readBruteForceDetection,
    autoname: "realm",
    replaceOn: ["realm"],
    outputs: ["internalId"],
    complete: (_connection, _inputs, _id, found) => Promise.resolve({ internalId: found.id ?? "" }),
    create: async (connection, inputs, representation, id) => {
        const realm = realmOf(inputs);
        await connection.create(
            `create realm '${realm}'`,
            (keycloak) => keycloak.realms.create({ ...representation, id }),
            async (keycloak) => (await keycloak.realms.findOne({ realm }))?.id === id,
            (keycloak) => keycloak.realms.update({ realm }, representation),
        );
        await connection.logInAgain();
        return realm;
    },
    find: (connection, _inputs, id) =>
        connection.run(`read realm '${id}'`, async (keycloak) => {
            return (await keycloak.realms.findOne({ realm: id })) as Values | undefined;
        }),
    update: (connection, _inputs, id, representation) =>
        connection.run(`update realm '${id}'`, (keycloak) =>
            keycloak.realms.update({ realm: id }, representation),
        ),
    remove: (connection, _inputs, id) =>
        connection.run(`delete realm '${id}'`, (keycloak) => keycloak.realms.del({ realm: id })),
};
