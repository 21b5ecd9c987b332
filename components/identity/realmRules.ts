import type { ArgProblem } from "../problems/argProblem.ts";
import type { RealmArgs } from "./args.ts";
import { identityDefaults } from "./defaults.ts";

/** Refuses lifetimes that contradict each other, and settings of a realm that belongs to others. */
export function findRealmSettingProblems(realm: RealmArgs): ArgProblem[] {
    const { create = identityDefaults.createRealm, lifetimes, bruteForce } = realm;
    if (!create) {
        return Object.entries({ lifetimes, bruteForce })
            .filter(([, settings]) => settings !== undefined)
            .map(([path]) => ({
                path,
                reason: "must be absent for an existing realm, whose settings are its owner's, got settings; leave it out, or set it in Keycloak",
            }));
    }
    const { maxLoginFailures, maxWaitMinutes } = { ...identityDefaults.bruteForce, ...bruteForce };
    return [
        ...findLifetimeProblems({ ...identityDefaults.lifetimes, ...lifetimes }),
        ...findCountProblems("bruteForce.maxLoginFailures", maxLoginFailures, 1),
        ...findCountProblems("bruteForce.maxWaitMinutes", maxWaitMinutes, 1),
    ];
}

function findLifetimeProblems(lifetimes: typeof identityDefaults.lifetimes): ArgProblem[] {
    const problems = Object.entries(lifetimes).flatMap(([key, value]) =>
        findCountProblems(`lifetimes.${key}`, value, key === "refreshTokenReuse" ? 0 : 1),
    );
    if (problems.length > 0) {
        return problems;
    }
    const { accessTokenMinutes, sessionIdleHours, sessionMaxHours } = lifetimes;
    const { offlineIdleDays, offlineMaxDays } = lifetimes;
    const pairs = [
        {
            path: "accessTokenMinutes",
            isWrong: accessTokenMinutes > sessionIdleHours * 60,
            reason: `must not be above sessionIdleHours (${sessionIdleHours} h), got ${accessTokenMinutes} minutes`,
        },
        {
            path: "sessionIdleHours",
            isWrong: sessionIdleHours > sessionMaxHours,
            reason: `must not be above sessionMaxHours (${sessionMaxHours}), got ${sessionIdleHours}`,
        },
        {
            path: "offlineIdleDays",
            isWrong: offlineIdleDays > offlineMaxDays,
            reason: `must not be above offlineMaxDays (${offlineMaxDays}), got ${offlineIdleDays}`,
        },
    ];
    return pairs
        .filter(({ isWrong }) => isWrong)
        .map(({ path, reason }) => ({ path: `lifetimes.${path}`, reason }));
}

function findCountProblems(path: string, value: number, least: number): ArgProblem[] {
    const isCount = Number.isInteger(value) && value >= least;
    return isCount
        ? []
        : [{ path, reason: `must be a whole number of at least ${least}, got ${value}` }];
}
