import type { ArgProblem } from "../problems/argProblem.ts";
import { didYouMean } from "../problems/didYouMean.ts";
import { isHttpUrl } from "../problems/values.ts";
import type { AccessGrant, IdentityProviderArgs, UserArgs } from "./accessArgs.ts";
import { type ScopedServers, serversOf } from "./accessTable.ts";
import type { MachineClientAccess, RealmArgs } from "./args.ts";
import { identityDefaults } from "./defaults.ts";
import { findEqualNames } from "./scopeNames.ts";

/** The parts of an identity that its access table refers to. */
export interface CheckedAccess {
    access?: AccessGrant[];
    users?: Omit<UserArgs, "initialPassword">[];
    identityProviders?: Omit<IdentityProviderArgs, "clientSecret">[];
}

interface Surroundings extends CheckedAccess {
    realm?: RealmArgs;
    servers: ScopedServers;
    clients?: MachineClientAccess[];
}

/** Refuses an access table, users and identity providers that name what does not exist, or are ambiguous. */
export function findAccessProblems(identity: Surroundings): ArgProblem[] {
    const { access, users = [], identityProviders = [], servers } = identity;
    const groups = (access ?? []).flatMap(({ group }) => group ?? []);
    return [
        ...(access ?? []).flatMap((row, index) => [
            ...findPrincipalProblems(`access[${index}]`, row, identity),
            ...findGrantProblems(`access[${index}]`, row, servers),
        ]),
        ...findNameCollisions(access ?? [], servers),
        ...users.flatMap((user, index) => findUserProblems(`users[${index}]`, user, groups)),
        ...findRepeated(
            users.map(({ username }, index) => ({
                path: `users[${index}].username`,
                name: username,
            })),
        ),
        ...identityProviders.flatMap((provider, index) =>
            findProviderProblems(`identityProviders[${index}]`, provider, groups),
        ),
        ...findRepeated(
            identityProviders.map(({ alias }, index) => ({
                path: `identityProviders[${index}].alias`,
                name: alias,
            })),
        ),
    ];
}

/** Refuses servers and tool scopes that the stack does not have; scopes must be those of the row's own servers. */
export function findGrantProblems(
    path: string,
    grant: Pick<AccessGrant, "servers" | "scopes">,
    servers: ScopedServers,
): ArgProblem[] {
    const names = Object.keys(servers);
    const known = names.map((server) => `'${server}'`).join(", ");
    const called = serversOf(grant, servers);
    const needed = [...new Set(called.flatMap((server) => servers[server]?.toolScopes ?? []))];
    return [
        ...called
            .filter((server) => !names.includes(server))
            .map((server) => ({
                path: `${path}.servers`,
                reason: `must name servers of this stack (${known}), got '${server}'${didYouMean(server, names)}`,
            })),
        ...(grant.scopes ?? [])
            .filter((scope) => !needed.includes(scope))
            .map((scope) => ({
                path: `${path}.scopes`,
                reason: `must be scopes that tools of its servers need (${needed.length === 0 ? "none" : needed.join(", ")}), got '${scope}'${didYouMean(scope, needed)}`,
            })),
    ];
}

function findPrincipalProblems(
    path: string,
    { group, role, user, client }: AccessGrant,
    { realm, servers, clients = [], users = [] }: Surroundings,
): ArgProblem[] {
    const given = Object.entries({ group, role, user, client }).filter(
        ([, name]) => name !== undefined,
    );
    if (given.length !== 1) {
        const got = given.length === 0 ? "none" : given.map(([key]) => key).join(" and ");
        return [{ path, reason: `must have one of group, role, user and client, got ${got}` }];
    }
    const isCreated = realm?.create ?? identityDefaults.createRealm;
    const names = clients.map(({ name }) => name);
    const people = users.map(({ username }) => username);
    const scopes = Object.values(servers).flatMap((one) => [
        ...one.scopes,
        ...(one.toolScopes ?? []),
    ]);
    const problems: ArgProblem[] = [];
    if (client !== undefined && !names.includes(client)) {
        const reason = `must be one of 'clients' (${names.join(", ") || "none"}), got '${client}'${didYouMean(client, names)}`;
        problems.push({ path: `${path}.client`, reason });
    }
    if (user !== undefined && isCreated && !people.includes(user)) {
        const reason = `must be one of 'users' (${people.join(", ") || "none"}) as the realm is created, got '${user}'${didYouMean(user, people)}`;
        problems.push({ path: `${path}.user`, reason });
    }
    if (role !== undefined && scopes.includes(role)) {
        const reason = `must not be a scope, whose role the table itself assigns, got '${role}'`;
        problems.push({ path: `${path}.role`, reason });
    }
    if (group?.includes("/") === true && isCreated) {
        const reason = `must be a name without '/' as the realm is created, got '${group}'`;
        problems.push({ path: `${path}.group`, reason });
    }
    return problems;
}

/** Refuses names after which two resources would be called the same. */
function findNameCollisions(access: AccessGrant[], servers: ScopedServers): ArgProblem[] {
    const known = {
        group: new Map<string, string>(),
        role: new Map<string, string>(),
        user: new Map<string, string>(),
    };
    const scopes = new Map<string, string>();
    return [
        ...access.flatMap((row, index) =>
            (["group", "role", "user"] as const).flatMap((key) => {
                const name = row[key];
                return name === undefined
                    ? []
                    : findEqualNames(`access[${index}].${key}`, [name], known[key]);
            }),
        ),
        ...(access.length === 0
            ? []
            : Object.entries(servers).flatMap(([server, one]) =>
                  findEqualNames(
                      `servers.${server}.scopes`,
                      [...one.scopes, ...(one.toolScopes ?? [])],
                      scopes,
                  ),
              )),
    ];
}

function findUserProblems(
    path: string,
    { username, email, groups: joined = [] }: NonNullable<CheckedAccess["users"]>[number],
    groups: string[],
): ArgProblem[] {
    const isName = /^[a-z0-9._@+-]+$/.test(username);
    return [
        ...(isName
            ? []
            : [
                  {
                      path: `${path}.username`,
                      reason: `must be lower-case letters, digits, '.', '_', '@', '+' or '-', got '${username}'`,
                  },
              ]),
        ...(email === undefined || /^[^@\s]+@[^@\s]+$/.test(email)
            ? []
            : [{ path: `${path}.email`, reason: `must be an e-mail address, got '${email}'` }]),
        ...findGroupProblems(`${path}.groups`, joined, groups),
    ];
}

function findProviderProblems(
    path: string,
    provider: NonNullable<CheckedAccess["identityProviders"]>[number],
    groups: string[],
): ArgProblem[] {
    const { alias, issuer, authorizationUrl, tokenUrl, jwksUrl, userInfoUrl } = provider;
    const urls = Object.entries({ issuer, authorizationUrl, tokenUrl, jwksUrl, userInfoUrl });
    return [
        ...(/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(alias)
            ? []
            : [
                  {
                      path: `${path}.alias`,
                      reason: `must be letters, digits, '_' or '-', got '${alias}'`,
                  },
              ]),
        ...urls
            .filter(([, url]) => url !== undefined && !isHttpUrl(url))
            .map(([key, url]) => ({
                path: `${path}.${key}`,
                reason: `must be an http(s) URL, got '${url}'`,
            })),
        ...findGroupProblems(
            `${path}.groups`,
            (provider.groups ?? []).map(({ group }) => group),
            groups,
        ),
    ];
}

function findGroupProblems(path: string, joined: string[], groups: string[]): ArgProblem[] {
    return joined
        .filter((group) => !groups.includes(group))
        .map((group) => ({
            path,
            reason: `must be groups of 'access' (${groups.join(", ") || "none"}), got '${group}'${didYouMean(group, groups)}`,
        }));
}

function findRepeated(names: { path: string; name: string }[]): ArgProblem[] {
    return names
        .filter(({ name }, index) => names.slice(0, index).some((one) => one.name === name))
        .map(({ path, name }) => ({ path, reason: `must be given once, got '${name}' again` }));
}
