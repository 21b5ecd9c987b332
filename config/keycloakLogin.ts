import type * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../components/problems/argProblem.ts";
import type { KeycloakAdministrator } from "../components/identity/keycloakAccess.ts";

/**
 * The Keycloak administrator: the environment variables of the Keycloak provider, else the `keycloak:` configuration.
 * Variables win, as the login for one run.
 */
export function readKeycloakLogin(
    url: string,
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): KeycloakAdministrator {
    return {
        url,
        clientId: environment["KEYCLOAK_CLIENT_ID"] ?? config.get("clientId"),
        clientSecret: environment["KEYCLOAK_CLIENT_SECRET"] ?? config.getSecret("clientSecret"),
        username: environment["KEYCLOAK_USER"] ?? config.get("username"),
        password: environment["KEYCLOAK_PASSWORD"] ?? config.getSecret("password"),
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
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || /\/realms\//.test(url)) {
        const reason = `must be the address of Keycloak without '/realms/…', got '${url}'`;
        problems.push({ path, reason });
    }
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
