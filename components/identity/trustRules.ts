import type * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../problems/argProblem.ts";
import { findInputProblems } from "../problems/inputs.ts";
import { isHttpUrl, isPort, isWithin } from "../problems/values.ts";
import type { FurtherIssuer, IntrospectionArgs, ProtectedServer } from "./args.ts";

/** Refuses further issuers that tokens cannot have, whose keys cannot be read, or that are given twice. */
export function findFurtherIssuerProblems(
    first: pulumi.Input<string>,
    issuers: FurtherIssuer[] = [],
): ArgProblem[] {
    return issuers.flatMap(({ issuer, jwksUri, jwksPort }, index) => {
        const path = `furtherIssuers[${index}]`;
        const problems: ArgProblem[] = [];
        if (!issuer.startsWith("https://") || !isHttpUrl(issuer)) {
            problems.push({
                path: `${path}.issuer`,
                reason: `must be an https URL, got '${issuer}'`,
            });
        }
        const earlier = [first, ...issuers.slice(0, index).map((one) => one.issuer)];
        if (earlier.includes(issuer)) {
            const reason = `must differ from the other issuers, got '${issuer}' again`;
            problems.push({ path: `${path}.issuer`, reason });
        }
        if (issuer.includes("@")) {
            // '@' separates a caller's name from its issuer.
            problems.push({ path: `${path}.issuer`, reason: `must have no '@', got '${issuer}'` });
        }
        if (jwksUri !== undefined && !isHttpUrl(jwksUri)) {
            const reason = `must be an http(s) URL, got '${jwksUri}'`;
            problems.push({ path: `${path}.jwksUri`, reason });
        }
        if (jwksPort !== undefined && !isPort(jwksPort)) {
            problems.push({
                path: `${path}.jwksPort`,
                reason: `must be 1 to 65535, got ${jwksPort}`,
            });
        }
        return problems;
    });
}

/** What decides whether revocation can be checked. */
interface CheckedRevocation {
    realm?: { name: string };
    introspection?: IntrospectionArgs;
    servers: Record<string, Pick<ProtectedServer, "checkRevocation">>;
}

/** Refuses servers whose tokens' revocation cannot be checked, and an endpoint that cannot be asked. */
export function findRevocationProblems({
    realm,
    introspection = {},
    servers,
}: CheckedRevocation): ArgProblem[] {
    const { endpoint, cacheSeconds, secretName } = introspection;
    const canAsk = realm !== undefined || secretName !== undefined;
    return [
        ...findInputProblems(endpoint, (url) =>
            isHttpUrl(url)
                ? []
                : [
                      {
                          path: "introspection.endpoint",
                          reason: `must be an http(s) URL, got '${url}'`,
                      },
                  ],
        ),
        ...findInputProblems(cacheSeconds, (seconds) =>
            isWithin(seconds, 0, 3600)
                ? []
                : [
                      {
                          path: "introspection.cacheSeconds",
                          reason: `must be 0 to 3600, got ${seconds}`,
                      },
                  ],
        ),
        ...Object.entries(servers)
            .filter(([, { checkRevocation }]) => checkRevocation && !canAsk)
            .map(([server]) => ({
                path: `servers.${server}.checkRevocation`,
                reason: "must go with a realm, whose client asks the issuer, or with introspection.secretName, got neither",
            })),
    ];
}
