import * as keycloak from "@pulumi/keycloak";
import * as pulumi from "@pulumi/pulumi";

import type { RealmArgs } from "./args.ts";
import { identityDefaults } from "./defaults.ts";

/** Creates the realm, or refers to the existing one, and gives its name. */
export function createRealm(
    name: string,
    realm: RealmArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    return (realm.create ?? identityDefaults.createRealm)
        ? new keycloak.Realm(`${name}-realm`, buildRealm(realm), opts).realm
        : pulumi.output(realm.name);
}

function buildRealm({
    name,
    lifetimes: given = {},
    bruteForce = {},
}: RealmArgs): keycloak.RealmArgs {
    const lifetimes = { ...identityDefaults.lifetimes, ...given };
    const { maxLoginFailures, maxWaitMinutes } = { ...identityDefaults.bruteForce, ...bruteForce };
    return {
        realm: name,
        enabled: true,
        sslRequired: "external",
        accessTokenLifespan: formatMinutes(lifetimes.accessTokenMinutes),
        ssoSessionIdleTimeout: formatMinutes(lifetimes.sessionIdleHours * 60),
        ssoSessionMaxLifespan: formatMinutes(lifetimes.sessionMaxHours * 60),
        offlineSessionIdleTimeout: formatMinutes(lifetimes.offlineIdleDays * 24 * 60),
        offlineSessionMaxLifespanEnabled: true,
        offlineSessionMaxLifespan: formatMinutes(lifetimes.offlineMaxDays * 24 * 60),
        // Refresh tokens of public clients must rotate (OAuth 2.1 section 4.3.1); Keycloak rotates all or none.
        revokeRefreshToken: true,
        refreshTokenMaxReuse: lifetimes.refreshTokenReuse,
        securityDefenses: {
            bruteForceDetection: {
                maxLoginFailures,
                maxFailureWaitSeconds: maxWaitMinutes * 60,
                failureResetTimeSeconds: Math.max(maxWaitMinutes * 60, 43_200),
            },
        },
    };
}

/** Duration as the provider writes it, so that it finds no difference: `1h30m0s`. */
function formatMinutes(minutes: number): string {
    return minutes < 60 ? `${minutes}m0s` : `${Math.floor(minutes / 60)}h${minutes % 60}m0s`;
}
