import { relative } from "node:path";

import {
    findAddressProblems,
    findGatewayProblems,
    findIngressProblems,
    findRouteProblems,
} from "../components/gateways/rules.ts";
import { findIdentityProblems } from "../components/identity/rules.ts";
import { findDirectoryProblems, findRegistryProblems } from "../components/image/rules.ts";
import { findClusterDnsProblems } from "../components/pods/rules.ts";
import { type ArgProblem, problemsUnder } from "../components/problems/argProblem.ts";
import { didYouMean } from "../components/problems/didYouMean.ts";
import { findImageProblems, findNameProblems } from "../components/problems/values.ts";
import { listToolScopes } from "../components/server/bridge/args.ts";
import { serverDefaults } from "../components/server/defaults.ts";
import { resolvePrefix } from "../components/server/endpoint.ts";
import { findMcpServerProblems } from "../components/server/rules.ts";
import { nameImage } from "./images.ts";
import { serverSettings, type ServerSettings } from "./serverSettings.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";

/**
 * Applies the rules of the components to every part with the right shape, so that one invalid entry does not hide the
 * problems of others.
 */
export function findStackProblems(settings: Record<keyof StackSettings, unknown>): ArgProblem[] {
    const servers = Array.isArray(settings.servers) ? (settings.servers as unknown[]) : [];
    const parsed = servers.map((server) => serverSettings.safeParse(server).data);
    const { registry, gateway, identity, namespace, clusterDomain, dnsPorts } = stackSettings.shape;
    const registrySettings = registry.safeParse(settings.registry).data;
    const gatewaySettings = gateway.safeParse(settings.gateway).data;
    const identitySettings = identity.safeParse(settings.identity).data;
    const named = servers.flatMap((server, index) => parsed[index] ?? findName(server));
    return [
        ...findNamespaceProblems(namespace.safeParse(settings.namespace).data),
        ...findClusterDnsProblems({
            clusterDomain: clusterDomain.safeParse(settings.clusterDomain).data,
            dnsPorts: dnsPorts.safeParse(settings.dnsPorts).data,
        }),
        ...findImageNameProblems(parsed),
        ...(registrySettings === undefined
            ? []
            : problemsUnder("registry", findRegistryProblems(registrySettings))),
        ...(gatewaySettings === undefined
            ? []
            : [
                  ...findAddressProblems("gateway", gatewaySettings),
                  ...problemsUnder("gateway", findGatewayProblems(gatewaySettings)),
                  ...[
                      { path: "gateway.host", host: gatewaySettings.host },
                      ...parsed.map((server, index) => ({
                          path: `servers[${index}].host`,
                          host: server?.host,
                      })),
                  ].flatMap(({ path, host }) =>
                      findIngressProblems(path, host, gatewaySettings.exposure),
                  ),
              ]),
        ...(identitySettings === undefined
            ? []
            : findIdentitySettingsProblems(identitySettings, named)),
        ...parsed.flatMap((server, index) =>
            server === undefined
                ? []
                : problemsUnder(`servers[${index}]`, [
                      ...findSourceProblems(server),
                      ...findMcpServerProblems(server.name, server),
                      ...findCallerProblems(server, named),
                  ]),
        ),
        ...findRouteProblems(
            "servers",
            parsed.map((server, index) => {
                const name = server?.name ?? `#${index}`;
                return {
                    server: name,
                    host: server?.host,
                    prefix: resolvePrefix(name, server?.prefix),
                };
            }),
            gatewaySettings?.host ?? "",
        ),
    ];
}

/** What other rules need of a server, even when its own entry is invalid. */
type NamedServer = Pick<ServerSettings, "name" | "scopes" | "tools">;

function findName(server: unknown): NamedServer[] {
    const { data } = serverSettings.pick({ name: true }).loose().safeParse(server);
    return data === undefined ? [] : [{ name: data.name }];
}

function findNamespaceProblems(namespace: string | undefined): ArgProblem[] {
    return namespace === undefined ? [] : findNameProblems("namespace", namespace, 63);
}

function findIdentitySettingsProblems(
    { realm, adminUrl, ...identity }: StackSettings["identity"],
    servers: NamedServer[],
): ArgProblem[] {
    const scopes = servers.map(
        ({ name, scopes = serverDefaults.scopes(name), tools }) =>
            [name, { scopes, toolScopes: listToolScopes(tools) }] as const,
    );
    const checked = {
        ...identity,
        realm: adminUrl === undefined ? undefined : { name: realm },
        servers: Object.fromEntries(scopes),
    };
    return problemsUnder("identity", findIdentityProblems(checked));
}

function findCallerProblems(
    { callers = [], name }: ServerSettings,
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

function findSourceProblems({ source }: ServerSettings): ArgProblem[] {
    return "build" in source
        ? findDirectoryProblems("source.build", source.build)
        : findImageProblems("source.image", source.image);
}

/** Refuses directories whose images would have the same name. */
function findImageNameProblems(servers: (ServerSettings | undefined)[]): ArgProblem[] {
    const directories = new Map<string, string>();
    return servers.flatMap((server, index) => {
        if (server === undefined || !("build" in server.source)) {
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
