import type * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../problems/argProblem.ts";
import { isHttpUrl, isPort, isWithin } from "../problems/values.ts";

/** Where tokens come from; rules check it as soon as it is known. */
export interface CheckedIssuer {
    issuer: pulumi.Input<string>;
    jwksUri?: pulumi.Input<string>;
    jwksPort?: pulumi.Input<number>;
    clockSkewSeconds?: pulumi.Input<number>;
}

/** Refuses an issuer that tokens cannot have, or whose keys cannot be read. */
export function findIssuerProblems(
    { issuer, jwksUri, jwksPort, clockSkewSeconds = 0 }: pulumi.Unwrap<CheckedIssuer>,
    realm: string | undefined,
): ArgProblem[] {
    return [
        ...findIssuerUrlProblems(issuer, realm),
        ...(jwksUri === undefined || isHttpUrl(jwksUri)
            ? []
            : [{ path: "jwksUri", reason: `must be an http(s) URL, got '${jwksUri}'` }]),
        ...(jwksPort === undefined || isPort(jwksPort)
            ? []
            : [{ path: "jwksPort", reason: `must be 1 to 65535, got ${jwksPort}` }]),
        ...(isWithin(clockSkewSeconds, 0, 300)
            ? []
            : [{ path: "clockSkewSeconds", reason: `must be 0 to 300, got ${clockSkewSeconds}` }]),
    ];
}

function findIssuerUrlProblems(issuer: string, realm: string | undefined): ArgProblem[] {
    const path = "issuer";
    if (!isHttpUrl(issuer) || !(issuer.startsWith("https://") || isLoopbackUrl(issuer))) {
        const repair = issuer.startsWith("http://") ? "; http is for issuers of this machine" : "";
        return [{ path, reason: `must be an https URL, got '${issuer}'${repair}` }];
    }
    if (issuer.endsWith("/")) {
        const reason = `must not end with '/', got '${issuer}'; tokens are compared with it as text`;
        return [{ path, reason }];
    }
    if (/[?#]/.test(issuer)) {
        const reason = `must not have a query or fragment, got '${issuer}'; take 'issuer' of its discovery document`;
        return [{ path, reason }];
    }
    const end = issuer.indexOf("/realms/");
    const base = end === -1 ? new URL(issuer).origin : issuer.slice(0, end);
    const repair = `; did you mean '${base}/realms/${realm}'?`;
    const reason = `must end with '/realms/${realm}' as the realm is '${realm}', got '${issuer}'${repair}`;
    const isValid = realm !== undefined && findRealmProblems(realm).length === 0;
    return isValid && !issuer.endsWith(`/realms/${realm}`) ? [{ path, reason }] : [];
}

/** Refuses names that no realm of a stack can have. */
export function findRealmProblems(realm: string | undefined): ArgProblem[] {
    if (realm === undefined) {
        return [];
    }
    if (realm === "master") {
        const reason =
            "must not be 'master', whose tokens administer Keycloak itself; use another realm";
        return [{ path: "realm", reason }];
    }
    const reason = `must be letters, digits, '.', '_' or '-', got '${realm}'`;
    return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(realm) ? [] : [{ path: "realm", reason }];
}

function isLoopbackUrl(url: string): boolean {
    return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
