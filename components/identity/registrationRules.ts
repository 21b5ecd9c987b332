import { type ArgProblem, problemsUnder } from "../problems/argProblem.ts";
import type { RealmArgs } from "./args.ts";
import { findCalledServerProblems } from "./calledServers.ts";
import { identityDefaults } from "./defaults.ts";
import type { ClientRegistration } from "./registrationArgs.ts";

/** What the rules need of an identity. */
interface CheckedRegistration {
    realm?: RealmArgs;
    servers: object;
    registration?: ClientRegistration;
}

/** Refuses registration in a realm of others, and hosts by which anyone could receive an authorization code. */
export function findRegistrationProblems(identity: CheckedRegistration): ArgProblem[] {
    const { realm, servers, registration } = identity;
    if (registration === undefined) {
        return [];
    }
    const { documents, dynamic, servers: called = [] } = registration;
    const { hosts = [], redirectHosts = [] } = documents ?? {};
    return [
        ...findRealmProblems(realm),
        ...problemsUnder("registration", [
            ...findAbsentHosts("documents.hosts", documents?.hosts),
            ...findAbsentHosts("dynamic.redirectHosts", dynamic?.redirectHosts),
            ...findHostProblems("documents.hosts", hosts),
            ...hosts.flatMap((host, index) => findOwnHostProblems(index, host)),
            ...findHostProblems("documents.redirectHosts", redirectHosts),
            ...findHostProblems("dynamic.redirectHosts", dynamic?.redirectHosts ?? []),
            ...findCalledServerProblems(called, Object.keys(servers)),
        ]),
    ];
}

function findRealmProblems(realm: RealmArgs | undefined): ArgProblem[] {
    const path = "registration";
    if (realm === undefined) {
        const reason = "must be absent when the realm is administered elsewhere; give 'adminUrl'";
        return [{ path, reason }];
    }
    return (realm.create ?? identityDefaults.createRealm)
        ? []
        : [
              {
                  path,
                  reason: `must be absent for an existing realm, whose policies are its owner's, got it for '${realm.name}'; leave it out, or set it in Keycloak`,
              },
          ];
}

/** Refuses a way to register that no program can take. */
function findAbsentHosts(path: string, hosts: string[] | undefined): ArgProblem[] {
    const way = path.split(".")[0];
    return hosts?.length === 0
        ? [{ path, reason: `must have an entry, got none; leave out '${way}' to turn it off` }]
        : [];
}

/** A DNS name or IPv4 address. */
const hostPattern = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

function findHostProblems(path: string, hosts: string[]): ArgProblem[] {
    return hosts.flatMap((host, index) =>
        isHost(host)
            ? []
            : [
                  {
                      path: `${path}[${index}]`,
                      reason: `must be a lower-case host without scheme, port or path, or '*.' and a domain of at least two parts, got '${host}'`,
                  },
              ],
    );
}

function isHost(host: string): boolean {
    const name = host.startsWith("*.") ? host.slice(2) : host;
    // '*.org' would trust a whole top-level domain.
    return hostPattern.test(name) && (name === host || name.includes("."));
}

/** Keycloak fetches the documents: from its own machine it would read what no one else can. */
function findOwnHostProblems(index: number, host: string): ArgProblem[] {
    return identityDefaults.loopbackHosts.includes(host)
        ? [
              {
                  path: `documents.hosts[${index}]`,
                  reason: `must not be the machine of Keycloak itself, got '${host}'; programs of people's machines need it among 'redirectHosts' alone`,
              },
          ]
        : [];
}
