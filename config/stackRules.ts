import { relative } from "node:path";

import { type CheckedRoute, findRouteProblems } from "../components/gateways/rules.ts";
import { findIdentityProblems } from "../components/identity/rules.ts";
import {
    findBuildProblems,
    findDirectoryProblems,
    findPullRegistryProblems,
    findRegistryProblems,
} from "../components/image/rules.ts";
import { findPackageProblems } from "../components/image/package/packageSource.ts";
import { findClusterDnsProblems } from "../components/pods/rules.ts";
import { type ArgProblem, problemsUnder } from "../components/problems/argProblem.ts";
import { didYouMean } from "../components/problems/didYouMean.ts";
import { findInputProblems } from "../components/problems/inputs.ts";
import { findImageProblems, findNameProblems } from "../components/problems/values.ts";
import { listToolScopes } from "../components/server/bridge/args.ts";
import { serverDefaults } from "../components/server/defaults.ts";
import { listEndpoints, type NamedEndpoint, resolvePrefix } from "../components/server/endpoint.ts";
import { findMcpServerProblems } from "../components/server/rules.ts";
import { findGatewaySettingsProblems, readGateway } from "./gatewayRules.ts";
import { type ImageSource, isPackage, nameImage, nameSource, withCommand } from "./images.ts";
import { serverSettings, type ServerSettings } from "./serverSettings.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";
import { readValidKeys } from "./validKeys.ts";

/**
 * Applies the rules of the components to every part with the right shape, so that one invalid entry does not hide the
 * problems of others.
 */
export function findStackProblems(settings: Record<keyof StackSettings, unknown>): ArgProblem[] {
    const servers = Array.isArray(settings.servers) ? (settings.servers as unknown[]) : [];
    const parsed = servers.map((server) => readValidKeys(serverSettings, server));
    const { registry, pullRegistries, identity } = stackSettings.shape;
    const { namespace, clusterDomain, dnsPorts } = stackSettings.shape;
    const registrySettings = readValidKeys(registry, settings.registry);
    const gateway = readGateway(settings.gateway);
    const identityKeys = readValidKeys(identity, settings.identity);
    const { realm = "realm", issuer = `https://issuer.invalid/realms/${realm}` } = identityKeys;
    const named = parsed.filter(isNamed);
    return [
        ...findNamespaceProblems(namespace.safeParse(settings.namespace).data),
        ...findClusterDnsProblems({
            clusterDomain: clusterDomain.safeParse(settings.clusterDomain).data,
            dnsPorts: dnsPorts.safeParse(settings.dnsPorts).data,
        }),
        ...findImageNameProblems(parsed),
        ...findBuildConflicts(parsed),
        ...problemsUnder(
            "registry",
            findInputProblems(registrySettings.address, findRegistryProblems),
        ),
        ...findPullRegistryProblems({
            registry: registry.safeParse(settings.registry).data,
            pullRegistries: pullRegistries.safeParse(settings.pullRegistries).data,
        }),
        ...findGatewaySettingsProblems(gateway, parsed, identityKeys.furtherIssuers),
        ...findIdentitySettingsProblems({ ...identityKeys, realm, issuer }, listEndpoints(named)),
        ...parsed.flatMap((server, index) =>
            problemsUnder(`servers[${index}]`, [
                ...findSourceProblems(server),
                ...findMcpServerProblems(server.name ?? "server", withCommand(server)),
                ...findCallerProblems(server, named),
            ]),
        ),
        ...findRouteProblems("servers", parsed.flatMap(listRoutes), gateway.host),
    ];
}

/** A server as far as its keys are valid. */
type CheckedServer = Partial<ServerSettings>;

/** What rules of other parts need of a server. */
type NamedServer = CheckedServer & Pick<ServerSettings, "name">;

function isNamed(server: CheckedServer): server is NamedServer {
    return server.name !== undefined;
}

/** The public paths of a server, and of those that are mounted in it. */
function listRoutes(
    { mounts = [], host, ...server }: CheckedServer,
    index: number,
): CheckedRoute[] {
    const path = `servers[${index}]`;
    const routed = [
        { name: server.name ?? `#${index}`, prefix: server.prefix, path },
        ...mounts.map(({ name, prefix }, at) => ({ name, prefix, path: `${path}.mounts[${at}]` })),
    ];
    return routed.map((one) => ({
        server: one.name,
        host,
        prefix: resolvePrefix(one.name, one.prefix),
        path: one.path,
    }));
}

function findNamespaceProblems(namespace: string | undefined): ArgProblem[] {
    return namespace === undefined ? [] : findNameProblems("namespace", namespace, 63);
}

function findIdentitySettingsProblems(
    { realm, adminUrl, createRealm, ...identity }: StackSettings["identity"],
    servers: NamedEndpoint[],
): ArgProblem[] {
    const scopes = servers.map(
        ({ name, scopes = serverDefaults.scopes(name), tools }) =>
            [name, { scopes, toolScopes: listToolScopes(tools) }] as const,
    );
    const { lifetimes, bruteForce } = identity;
    const checked = {
        ...identity,
        realm:
            adminUrl === undefined
                ? undefined
                : { name: realm, create: createRealm, lifetimes, bruteForce },
        servers: Object.fromEntries(scopes),
    };
    return problemsUnder("identity", findIdentityProblems(checked));
}

function findCallerProblems(
    { callers = [], name }: CheckedServer,
    servers: NamedServer[],
): ArgProblem[] {
    const others = servers.map((server) => server.name).filter((other) => other !== name);
    return callers
        .filter((caller) => !others.includes(caller))
        .map((caller) => ({
            path: "callers",
            reason: `must name other servers of this stack, got '${caller}'${didYouMean(caller, others)}`,
        }));
}

function findSourceProblems({ source }: CheckedServer): ArgProblem[] {
    if (source === undefined) {
        return [];
    }
    if (isPackage(source)) return findPackageProblems("source", source);
    return "build" in source
        ? [
              ...findDirectoryProblems("source.build", source.build),
              ...problemsUnder("source", findBuildProblems(source)),
          ]
        : findImageProblems("source.image", source.image);
}

/** Refuses directories whose images would have the same name. */
function findImageNameProblems(servers: CheckedServer[]): ArgProblem[] {
    const directories = new Map<string, string>();
    return servers.flatMap((server, index) => {
        if (server.source === undefined || !("build" in server.source)) {
            return [];
        }
        const directory = relative("", server.source.build);
        const name = nameImage(directory);
        const earlier = directories.get(name) ?? directory;
        directories.set(name, earlier);
        const reason = `must not have the image name '${name}' of directory '${earlier}', got '${directory}'; rename one`;
        return earlier === directory ? [] : [{ path: `servers[${index}].source.build`, reason }];
    });
}

/** Refuses servers that want two different images of one directory or package, which is built once. */
function findBuildConflicts(servers: CheckedServer[]): ArgProblem[] {
    const builds = new Map<string, { build: string; server: string }>();
    return servers.flatMap((server, index) => {
        const described = server.source === undefined ? undefined : describeBuild(server.source);
        if (described === undefined) {
            return [];
        }
        const { key, build, differing } = described;
        const earlier = builds.get(key) ?? { build, server: server.name ?? `#${index}` };
        builds.set(key, earlier);
        const reason = `must be built as for '${earlier.server}', which runs the same image, got other ${differing}`;
        return earlier.build === build ? [] : [{ path: `servers[${index}].source`, reason }];
    });
}

/** What is built once, how, and what may differ; undefined for an existing image and for an invalid package. */
function describeBuild(
    source: ImageSource,
): { key: string; build: string; differing: string } | undefined {
    if (isPackage(source)) {
        if (findPackageProblems("source", source).length > 0) return undefined;
        const differing = "version or 'with'";
        return { key: nameSource(source)!, build: JSON.stringify(source), differing };
    }
    if (!("build" in source)) return undefined;
    const { build: directory, buildArgs = {}, target, cacheFrom = [] } = source;
    const build = JSON.stringify([Object.entries(buildArgs).sort(), target, cacheFrom]);
    return {
        key: relative("", directory),
        build,
        differing: "'buildArgs', 'target' or 'cacheFrom'",
    };
}
