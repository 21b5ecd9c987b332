import type { ClusterDns } from "../pods/network.ts";
import { findClusterDnsProblems } from "../pods/rules.ts";
import type { ArgProblem } from "../problems/argProblem.ts";
import { findChoiceProblems, isPort, isWithin } from "../problems/values.ts";
import type { Exposure, GatewayTls } from "./gateway.ts";
import type { PublicAddress } from "./route.ts";

/** The arguments that the rules check, beside address and routes. */
export interface CheckedGateway extends ClusterDns {
    tls: GatewayTls;
    exposure: Exposure;
    routes?: unknown[];
    replicas?: number;
}

/** Refuses a gateway that Kubernetes would refuse. */
export function findGatewayProblems(gateway: CheckedGateway): ArgProblem[] {
    const { tls, exposure, routes, replicas } = gateway;
    const problems = [
        ...findClusterDnsProblems(gateway),
        ...findChoiceProblems("tls", tls, ["secretName", "selfSigned"]),
        ...findChoiceProblems("exposure", exposure, ["nodePort", "loadBalancer", "ingressClass"]),
    ];
    const { nodePort } = exposure;
    if (nodePort !== undefined && !isWithin(nodePort, 30000, 32767)) {
        const reason = `must be 30000 to 32767, the range of Kubernetes, got ${nodePort}`;
        problems.push({ path: "exposure.nodePort", reason });
    }
    if (replicas !== undefined && !isWithin(replicas, 1, 100)) {
        problems.push({ path: "replicas", reason: `must be 1 to 100, got ${replicas}` });
    }
    if (routes?.length === 0) {
        problems.push({ path: "routes", reason: "must have at least one route, got none" });
    }
    return problems;
}

/** Refuses a host that is more than a name, and a port that is none. */
export function findAddressProblems(path: string, { host, port }: PublicAddress): ArgProblem[] {
    const problems: ArgProblem[] = [];
    if (
        !/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(host)
    ) {
        const name = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:]*)/i.exec(host)?.[1]?.toLowerCase();
        const repair = name === undefined || name === "" ? "" : `; did you mean '${name}'?`;
        problems.push({
            path: `${path}.host`,
            reason: `must be a lower-case host name without scheme, port or path, got '${host}'${repair}`,
        });
    }
    if (port !== undefined && !isPort(port)) {
        problems.push({ path: `${path}.port`, reason: `must be 1 to 65535, got ${port}` });
    }
    return problems;
}

/** Refuses servers that share an address: equal names, equal prefixes, or one prefix inside another. */
export function findRouteProblems(
    path: string,
    routes: { server: string; prefix: string }[],
): ArgProblem[] {
    return routes.flatMap((route, index) =>
        routes.slice(0, index).flatMap((earlier) => {
            const problems: ArgProblem[] = [];
            if (route.server === earlier.server) {
                problems.push({
                    path: `${path}[${index}].name`,
                    reason: `must be given once, got '${route.server}' again; rename one of the two`,
                });
            }
            if (contains(earlier.prefix, route.prefix) || contains(route.prefix, earlier.prefix)) {
                problems.push({
                    path: `${path}[${index}].prefix`,
                    reason: `must not be or lie inside the prefix '${earlier.prefix}' of '${earlier.server}', got '${route.prefix}'`,
                });
            }
            return problems;
        }),
    );
}

function contains(outer: string, inner: string): boolean {
    return inner === outer || inner.startsWith(`${outer}/`);
}
