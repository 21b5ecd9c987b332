import { findAddressProblems, findRouteProblems } from "../components/gateways/gateway.ts";
import { findGatewayProblems } from "../components/gateways/rules.ts";
import { findIdentityProblems } from "../components/identity/rules.ts";
import { type ArgProblem, problemsUnder } from "../components/problems/argProblem.ts";
import { findMcpServerProblems } from "../components/server/rules.ts";
import { findNearest } from "../components/problems/didYouMean.ts";
import { listToolScopes } from "../components/server/bridge/args.ts";
import { findRegistryProblems } from "../components/image/serverImage.ts";
import { serverSettings, type ServerSettings } from "./serverSettings.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";

/**
 * Asks the components' own rules about every part that has the right shape, so that one wrong entry does not hide what
 * is wrong with the others.
 */
export function findStackProblems(settings: Record<keyof StackSettings, unknown>): ArgProblem[] {
    const servers = Array.isArray(settings.servers) ? (settings.servers as unknown[]) : [];
    const parsed = servers.map((server) => serverSettings.safeParse(server).data);
    const { registry, gateway, identity, namespace } = stackSettings.shape;
    const registrySettings = registry.safeParse(settings.registry).data;
    const gatewaySettings = gateway.safeParse(settings.gateway).data;
    const identitySettings = identity.safeParse(settings.identity).data;
    const named = servers.flatMap((server, index) => parsed[index] ?? findName(server));
    return [
        ...findNamespaceProblems(namespace.safeParse(settings.namespace).data),
        ...(registrySettings === undefined
            ? []
            : problemsUnder("registry", findRegistryProblems(registrySettings))),
        ...(gatewaySettings === undefined
            ? []
            : [
                  ...findAddressProblems("gateway", gatewaySettings),
                  ...problemsUnder("gateway", findGatewayProblems(gatewaySettings)),
              ]),
        ...(identitySettings === undefined
            ? []
            : findIdentitySettingsProblems(identitySettings, named)),
        ...parsed.flatMap((server, index) =>
            server === undefined
                ? []
                : problemsUnder(`servers[${index}]`, [
                      ...findMcpServerProblems(server.name, server),
                      ...findCallerProblems(server, named),
                  ]),
        ),
        ...findRouteProblems(
            "servers",
            parsed.map((server, index) => ({
                server: server?.name ?? `#${index}`,
                prefix: server?.prefix ?? `/${server?.name ?? `#${index}`}`,
            })),
        ),
    ];
}

/** What the other rules need of a server, even when its own entry is wrong. */
type NamedServer = Pick<ServerSettings, "name" | "scopes" | "tools">;

function findName(server: unknown): NamedServer[] {
    const { data } = serverSettings.pick({ name: true }).loose().safeParse(server);
    return data === undefined ? [] : [{ name: data.name }];
}

function findNamespaceProblems(namespace: string | undefined): ArgProblem[] {
    return namespace === undefined || /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)
        ? []
        : [
              {
                  path: "namespace",
                  reason: `must be at most 63 lower-case letters, digits or '-', got '${namespace}'`,
              },
          ];
}

function findIdentitySettingsProblems(
    { realm, adminUrl, ...identity }: StackSettings["identity"],
    servers: NamedServer[],
): ArgProblem[] {
    const scopes = servers.map(
        ({ name, scopes = [`mcp:${name}`], tools }) =>
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
        .map((caller) => {
            const nearest = findNearest(caller, others);
            const repair = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
            return {
                path: "callers",
                reason: `must name other servers of this stack, got '${caller}'${repair}`,
            };
        });
}
