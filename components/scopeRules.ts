import type { ArgProblem } from "./problems/argProblem.ts";

/** Scopes that OpenID Connect or a new Keycloak realm gives another meaning. */
const reserved = [
    ...["openid", "profile", "email", "address", "phone", "offline_access", "roles", "web-origins"],
    ...["microprofile-jwt", "acr", "basic", "service_account", "organization"],
];

/** Refuses a list of scopes that is empty, or holds what cannot be a scope of a server. */
export function findScopeProblems(path: string, scopes: string[]): ArgProblem[] {
    if (scopes.length === 0) {
        return [{ path, reason: "must name at least one scope, got none" }];
    }
    return scopes.flatMap((scope) => {
        if (!/^[A-Za-z0-9:._/-]{1,100}$/.test(scope)) {
            return [{ path, reason: `must be letters, digits or any of ':._/-', got '${scope}'` }];
        }
        return reserved.includes(scope)
            ? [{ path, reason: `must not be a scope that Keycloak has already, got '${scope}'` }]
            : [];
    });
}
