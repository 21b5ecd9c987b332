import type * as pulumi from "@pulumi/pulumi";
import { isIPv4, isIPv6 } from "node:net";

import type { ClusterDns } from "../pods/network.ts";
import { findResourceProblems, type ResourcesArgs } from "../pods/resources.ts";
import { findClusterDnsProblems } from "../pods/rules.ts";
import type { ArgProblem } from "../problems/argProblem.ts";
import { findInputProblems } from "../problems/inputs.ts";
import { findChoiceProblems, findImageProblems, isPort, isWithin } from "../problems/values.ts";
import { gatewayDefaults } from "./defaults.ts";
import type { Exposure, GatewayTls, RoutingArgs, VerifierPodsArgs } from "./gateway.ts";
import type { PublicAddress, Route } from "./route.ts";

/** The arguments that the rules check, beside address and routes. */
export interface CheckedGateway extends ClusterDns {
    tls: GatewayTls;
    exposure: Exposure;
    routes?: unknown[];
    replicas?: pulumi.Input<number>;
    resources?: ResourcesArgs;
    verifier?: VerifierPodsArgs;
    ingressAnnotations?: Record<string, unknown>;
    image?: pulumi.Input<string>;
}

/** Refuses a gateway that Kubernetes would refuse. */
export function findGatewayProblems(gateway: CheckedGateway): ArgProblem[] {
    const { tls, exposure, routes, resources = {}, verifier = {} } = gateway;
    const problems = [
        ...findClusterDnsProblems(gateway),
        ...findInputProblems(resources, (known) =>
            findResourceProblems("resources", known, gatewayDefaults.resources),
        ),
        ...findInputProblems(verifier.resources, (known) =>
            findResourceProblems("verifier.resources", known, gatewayDefaults.verifier.resources),
        ),
        ...findChoiceProblems("tls", tls, ["secretName", "selfSigned"]),
        ...findChoiceProblems("exposure", exposure, ["nodePort", "loadBalancer", "ingressClass"]),
        ...findInputProblems(gateway.image, (known) => findImageProblems("image", known)),
    ];
    const { nodePort } = exposure;
    if (nodePort !== undefined && !isWithin(nodePort, 30000, 32767)) {
        const reason = `must be 30000 to 32767, the range of Kubernetes, got ${nodePort}`;
        problems.push({ path: "exposure.nodePort", reason });
    }
    const replicas = { replicas: gateway.replicas, "verifier.replicas": verifier.replicas };
    for (const [path, count] of Object.entries(replicas)) {
        problems.push(...findInputProblems(count, (known) => findCountProblems(path, known)));
    }
    const hasIngress = exposure.ingressClass !== undefined;
    if (!hasIngress && Object.keys(gateway.ingressAnnotations ?? {}).length > 0) {
        const reason =
            "must go with exposure.ingressClass, got none; a Service has serviceAnnotations";
        problems.push({ path: "ingressAnnotations", reason });
    }
    if (routes?.length === 0) {
        problems.push({ path: "routes", reason: "must have at least one route, got none" });
    }
    return problems;
}

/** Refuses what no controller would route: hosts that are addresses, and servers that share a path. */
export function findRoutingProblems(args: RoutingArgs): ArgProblem[] {
    const { address, routes, tls, verifier = {} } = args;
    const behindController = { ingressClass: "" };
    return [
        ...findAddressProblems("address", address),
        ...findIngressProblems("address.host", address.host, behindController),
        ...findClusterDnsProblems(args),
        ...findTlsProblems(tls),
        ...findVerifierProblems(verifier),
        ...(routes.length === 0
            ? [{ path: "routes", reason: "must have at least one route, got none" }]
            : []),
        ...findCarriedProblems(routes, address.host, behindController),
    ];
}

/** Refuses the routes of a gateway that this exposure cannot carry: their hosts, bound tokens, and paths they share. */
export function findCarriedProblems(
    routes: Route[],
    gatewayHost: string,
    exposure: Exposure,
): ArgProblem[] {
    return [
        ...routes.flatMap(({ host = gatewayHost }, index) =>
            host === gatewayHost
                ? []
                : [
                      ...findHostProblems(`routes[${index}].host`, host),
                      ...findIngressProblems(`routes[${index}].host`, host, exposure),
                  ],
        ),
        ...findCertificateProblems("routes", routes, exposure),
        ...findRouteProblems("routes", routes, gatewayHost),
    ];
}

/** Refuses a certificate that is given twice or not at all. */
export function findTlsProblems(tls: GatewayTls): ArgProblem[] {
    return findChoiceProblems("tls", tls, ["secretName", "selfSigned"]);
}

/** Refuses a number or size of the pods that verify tokens. */
export function findVerifierProblems({ replicas, resources }: VerifierPodsArgs): ArgProblem[] {
    return [
        ...findInputProblems(resources, (known) =>
            findResourceProblems("verifier.resources", known, gatewayDefaults.verifier.resources),
        ),
        ...findInputProblems(replicas, (known) => findCountProblems("verifier.replicas", known)),
    ];
}

/** Refuses a number of pods that a gateway or its verifier cannot have. */
export function findCountProblems(path: string, count: number): ArgProblem[] {
    return isWithin(count, 1, 100) ? [] : [{ path, reason: `must be 1 to 100, got ${count}` }];
}

/** Refuses an invalid host or port. */
export function findAddressProblems(path: string, { host, port }: PublicAddress): ArgProblem[] {
    const problems = findHostProblems(`${path}.host`, host);
    if (port !== undefined && !isPort(port)) {
        problems.push({ path: `${path}.port`, reason: `must be 1 to 65535, got ${port}` });
    }
    return problems;
}

/** Refuses a host that is more than a name or an IPv4 address. */
export function findHostProblems(path: string, host: string): ArgProblem[] {
    if (isIPv6(host.replace(/^\[|\]$/g, ""))) {
        const reason = `must be a host name or an IPv4 address, got the IPv6 address '${host}'`;
        return [{ path, reason }];
    }
    const label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    if (!new RegExp(`^(?=.{1,253}$)${label}([.]${label})*$`).test(host)) {
        const name = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:]*)/i.exec(host)?.[1]?.toLowerCase();
        const repair = name === undefined || name === "" ? "" : `; did you mean '${name}'?`;
        const reason = `must be a lower-case host name without scheme, port or path, got '${host}'${repair}`;
        return [{ path, reason }];
    }
    // URLs take a host whose last label is a number for an address.
    if (/(^|[.])\d+$/.test(host) && !isIPv4(host)) {
        return [{ path, reason: `must be a host name or an IPv4 address, got '${host}'` }];
    }
    return [];
}

/** Refuses an address as host behind an Ingress, whose rules have names only. */
export function findIngressProblems(
    path: string,
    host: string | undefined,
    { ingressClass }: Exposure,
): ArgProblem[] {
    return host !== undefined && isIPv4(host) && ingressClass !== undefined
        ? [{ path, reason: `must be a host name behind an Ingress, got the address '${host}'` }]
        : [];
}

/** Refuses servers with certificate-bound tokens behind a proxy: it ends TLS, so that the gateway sees no certificates. */
export function findCertificateProblems(
    path: string,
    routes: { certificateBound?: boolean }[],
    { ingressClass }: Exposure,
): ArgProblem[] {
    const reason =
        "must not be set behind an Ingress or a controller, which ends TLS, got true; expose an NGINX gateway by nodePort or loadBalancer";
    return routes.flatMap(({ certificateBound }, index) =>
        certificateBound === true && ingressClass !== undefined
            ? [{ path: `${path}[${index}].certificateBound`, reason }]
            : [],
    );
}

/** The public paths that the rules compare. */
export interface CheckedRoute {
    server: string;
    prefix: string;
    /**
     * Public host.
     *
     * @default that of the gateway
     */
    host?: string;
    /**
     * Where it is given.
     *
     * @default its place in the list
     */
    path?: string;
}

/**
 * Refuses servers that share a name, and at one host equal prefixes, or one inside another: a server at the root of a host
 * has all of it.
 */
export function findRouteProblems(
    path: string,
    routes: CheckedRoute[],
    gatewayHost: string,
): ArgProblem[] {
    return routes.flatMap((route, index) =>
        routes.slice(0, index).flatMap((earlier) => {
            const problems: ArgProblem[] = [];
            if (route.server === earlier.server) {
                problems.push({
                    path: `${route.path ?? `${path}[${index}]`}.name`,
                    reason: `must be given once, got '${route.server}' again; rename one of the two`,
                });
            }
            const sameHost = (route.host ?? gatewayHost) === (earlier.host ?? gatewayHost);
            if (sameHost && overlap(earlier.prefix, route.prefix)) {
                const other = `the prefix '${earlier.prefix || "/"}' of '${earlier.server}'`;
                problems.push({
                    path: `${route.path ?? `${path}[${index}]`}.prefix`,
                    reason: `must neither be inside ${other} nor contain it, got '${route.prefix || "/"}'; give one of the two another prefix or 'host'`,
                });
            }
            return problems;
        }),
    );
}

/** Letter case does not tell prefixes apart: NGINX finds them by hash, and hashes them in lower case. */
function overlap(...prefixes: [string, string]): boolean {
    const [shorter, longer] = prefixes.map((prefix) => `${prefix.toLowerCase()}/`).sort();
    return longer!.startsWith(shorter!);
}
