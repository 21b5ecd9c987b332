import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

import type { KeycloakAdministrator } from "../components/index.ts";
import type { ArgProblem } from "../components/problems/argProblem.ts";
import { findInputProblems } from "../components/problems/inputs.ts";
import { isHttpUrl } from "../components/problems/values.ts";
import { identityDefaults } from "../components/identity/defaults.ts";
import { optional } from "./keys.ts";
import { readText } from "./secrets.ts";

/** The keys below `keycloak:`. The environment variables of the Keycloak provider win, as the login for one run. */
export const keycloakSettings = z.strictObject({
    clientId: optional(
        z.string(),
        "Client with which the administrator logs in; variable `KEYCLOAK_CLIENT_ID`",
        { default: identityDefaults.administratorClient, example: "terraform" },
    ),
    clientSecret: optional(
        z.string(),
        "Secret of a client with a service account, instead of a user; variable `KEYCLOAK_CLIENT_SECRET`",
        { absent: "a user logs in", example: "secret" },
    ),
    username: optional(z.string(), "Administrator user name; variable `KEYCLOAK_USER`", {
        absent: "a client with a service account logs in",
        example: "admin",
    }),
    password: optional(
        z.string(),
        "Administrator password; variable `KEYCLOAK_PASSWORD`; set it with `pulumi config set --secret keycloak:password`",
        { absent: "a client with a service account logs in", example: "secret" },
    ),
});

/** Reads the Keycloak administrator. An empty variable is an absent one, as an unset secret of a CI system is passed. */
export function readKeycloakLogin(
    url: string,
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): KeycloakAdministrator {
    return {
        url,
        clientId: environment["KEYCLOAK_CLIENT_ID"] || readText(config, "clientId"),
        clientSecret: environment["KEYCLOAK_CLIENT_SECRET"] || config.getSecret("clientSecret"),
        username: environment["KEYCLOAK_USER"] || readText(config, "username"),
        password: environment["KEYCLOAK_PASSWORD"] || config.getSecret("password"),
    };
}

/** Refuses a login without user name or secret. */
export function findLoginProblems({
    url,
    clientSecret,
    username,
    password,
}: KeycloakAdministrator): ArgProblem[] {
    const path = "identity.adminUrl";
    const problems: ArgProblem[] = [];
    problems.push(
        ...findInputProblems(url, (known) => {
            const reason = `must be the address of Keycloak without '/realms/…', got '${known}'`;
            return !isHttpUrl(known) || known.includes("/realms/") ? [{ path, reason }] : [];
        }),
    );
    if (clientSecret === undefined && (username === undefined || password === undefined)) {
        problems.push({
            path,
            reason:
                "must come with an administrator, got none; set KEYCLOAK_USER and KEYCLOAK_PASSWORD, or run " +
                "'pulumi config set keycloak:username NAME' and 'pulumi config set --secret keycloak:password'",
        });
    }
    return problems;
}
