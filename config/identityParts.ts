import * as z from "zod";

import { identityDefaults } from "../components/identity/defaults.ts";
import { optional, required } from "./keys.ts";

const grant = z.strictObject({
    group: optional(z.string(), "Group of the realm, created with a created realm", {
        absent: "the row is for a role, user or client",
        example: "forecasters",
    }),
    role: optional(z.string(), "Role of the realm, created with a created realm", {
        absent: "the row is for a group, user or client",
        example: "operator",
    }),
    user: optional(z.string(), "User name: one of `users`, or of an existing realm", {
        absent: "the row is for a group, role or client",
        example: "ada",
    }),
    client: optional(z.string(), "Machine client: one of `clients`", {
        absent: "the row is for a group, role or user",
        example: "agent",
    }),
    servers: required(z.array(z.string()).min(1), "Servers, or `*` for all", ["weather"]),
    scopes: optional(z.array(z.string()), "Tool scopes of these servers", {
        default: [],
        example: ["wind:read"],
    }),
});

/** The access table, `identity.access`. */
export const accessKey = optional(
    z.array(grant),
    "Who may call which servers and tools: tokens get these scopes and no others, whatever a program asks for",
    {
        absent: "every user of the realm may call every server, and clients their `servers`",
        example: [{ group: "forecasters", servers: ["weather"], scopes: ["wind:read"] }],
    },
);

const user = z.strictObject({
    username: required(z.string(), "Login name, lower case", "ada"),
    email: optional(z.string(), "E-mail address", {
        absent: "asked at the first login",
        example: "ada@example.org",
    }),
    firstName: optional(z.string(), "First name", {
        absent: "asked at the first login",
        example: "Ada",
    }),
    lastName: optional(z.string(), "Last name", {
        absent: "asked at the first login",
        example: "Lovelace",
    }),
    groups: optional(z.array(z.string()), "Groups of the access table", {
        default: [],
        example: ["forecasters"],
    }),
    initialPassword: optional(
        z.string(),
        "Configuration key of the first password, which the user replaces; set it with `pulumi config set --secret`",
        {
            absent: "an administrator or an identity provider lets the user in",
            example: "adaFirst",
        },
    ),
});

/** Users that are created, `identity.users`. */
export const usersKey = optional(z.array(user), "Users to create", {
    default: [],
    example: [{ username: "ada", groups: ["forecasters"] }],
});

const claimGroup = z.strictObject({
    claim: required(z.string(), "Claim of the provider's token", "department"),
    value: required(z.string(), "Its value, or one of them", "meteorology"),
    group: required(z.string(), "Group of the access table", "forecasters"),
});

const provider = z.strictObject({
    alias: required(
        z.string(),
        "Name in URLs; the provider must allow the redirect `<issuer>/broker/<alias>/endpoint`",
        "corporate",
    ),
    displayName: optional(z.string(), "Text of the button on the login page", {
        absent: "the alias",
        example: "Company account",
    }),
    issuer: required(z.string(), "`iss` of its tokens", "https://login.example.org"),
    authorizationUrl: required(
        z.string(),
        "Authorization endpoint",
        "https://login.example.org/authorize",
    ),
    tokenUrl: required(z.string(), "Token endpoint", "https://login.example.org/token"),
    jwksUrl: required(z.string(), "Signing keys", "https://login.example.org/keys"),
    userInfoUrl: optional(z.string(), "UserInfo endpoint", {
        absent: "the ID token has every claim",
        example: "https://login.example.org/userinfo",
    }),
    clientId: required(z.string(), "Client id of Keycloak at the provider", "keycloak"),
    clientSecret: required(
        z.string(),
        "Configuration key of its secret; set it with `pulumi config set --secret`",
        "corporateSecret",
    ),
    scopes: optional(z.array(z.string()), "Scopes that Keycloak asks for", {
        default: identityDefaults.providerScopes,
        example: ["openid", "profile", "email", "groups"],
    }),
    trustEmail: optional(z.boolean(), "E-mail addresses of the provider count as verified", {
        default: identityDefaults.trustEmail,
        example: true,
    }),
    groups: optional(z.array(claimGroup), "Groups by claim, at every login", {
        default: [],
        example: [{ claim: "department", value: "meteorology", group: "forecasters" }],
    }),
});

/** OpenID providers with which users log in, `identity.identityProviders`. */
export const identityProvidersKey = optional(
    z.array(provider),
    "OpenID providers with which users log in to Keycloak",
    {
        default: [],
        example: [
            {
                alias: "corporate",
                issuer: "https://login.example.org",
                authorizationUrl: "https://login.example.org/authorize",
                tokenUrl: "https://login.example.org/token",
                jwksUrl: "https://login.example.org/keys",
                clientId: "keycloak",
                clientSecret: "corporateSecret",
            },
        ],
    },
);

const { lifetimes, bruteForce } = identityDefaults;

const count = (description: string, standard: number, example: number) =>
    optional(z.int(), description, { default: standard, example });

/** Settings of a created realm. */
export const realmKeys = {
    lifetimes: optional(
        z.strictObject({
            accessTokenMinutes: count(
                "Minutes until an access token expires",
                lifetimes.accessTokenMinutes,
                5,
            ),
            sessionIdleHours: count(
                "Hours without use after which people log in again",
                lifetimes.sessionIdleHours,
                24,
            ),
            sessionMaxHours: count(
                "Hours after which people log in again in any case",
                lifetimes.sessionMaxHours,
                168,
            ),
            offlineIdleDays: count(
                "Days without use after which an offline token ends",
                lifetimes.offlineIdleDays,
                14,
            ),
            offlineMaxDays: count(
                "Days after which an offline token ends in any case",
                lifetimes.offlineMaxDays,
                60,
            ),
            refreshTokenReuse: count(
                "How often a replaced refresh token may be used again; 1 forgives a program that lost an answer",
                lifetimes.refreshTokenReuse,
                1,
            ),
        }),
        "How long tokens and logins last in a created realm",
        { default: lifetimes, example: { sessionIdleHours: 24 } },
    ),
    bruteForce: optional(
        z.strictObject({
            maxLoginFailures: count(
                "Failed logins of one user before further ones have to wait",
                bruteForce.maxLoginFailures,
                5,
            ),
            maxWaitMinutes: count("Longest wait in minutes", bruteForce.maxWaitMinutes, 60),
        }),
        "Protection of a created realm against guessed passwords",
        { default: bruteForce, example: { maxLoginFailures: 5 } },
    ),
    resourceIndicators: optional(
        z.boolean(),
        "Keycloak runs with the feature `resource-indicators`: each server becomes a client that it knows as `resource`",
        { default: identityDefaults.resourceIndicators, example: true },
    ),
};
