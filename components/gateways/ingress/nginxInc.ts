import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { corsMethods, exposedHeaders, preflightSeconds, requestHeaders } from "../cors.ts";
import { resourceMetadataPath } from "../gateway.ts";
import type { Route } from "../route.ts";
import type { CarriedRoutes, CreatedRoutes } from "./carriedRoutes.ts";
import { buildPathPattern, buildTarget } from "./paths.ts";
import {
    addStepUp,
    buildAnonymousSnippet,
    buildVerifiedSnippet,
    noChallenge,
    setHeader,
    stepUpMap,
} from "./snippets.ts";

const apiVersion = "k8s.nginx.org/v1";

type HostedRoute = Route & { host: string };

/** A route of a VirtualServer: a path, and where it leads. */
type VirtualServerPath = Record<string, unknown> & { path: string };

/**
 * Creates one VirtualServer per host, which no two may share, and per server VirtualServerRoutes with their Policies: one
 * for what requires a token, one for open pages.
 */
export function createVirtualServers(
    name: string,
    carried: CarriedRoutes,
    child: pulumi.CustomResourceOptions,
): CreatedRoutes {
    const { labels, namespace, hosts, routes } = carried;
    const create = (
        kind: string,
        title: string,
        place: pulumi.Input<string>,
        spec: Record<string, unknown>,
        annotations?: CarriedRoutes["annotations"],
    ) => {
        const metadata = { namespace: place, labels, annotations };
        const args = { apiVersion, kind, metadata, spec };
        return new k8s.apiextensions.CustomResource(`${name}-${title}`, args, child).metadata.name;
    };
    const paths = new Map(
        routes.map((route) => [route.server, createRoutes(route, carried, create)]),
    );
    for (const [index, host] of hosts.entries()) {
        const own = routes.filter((route) => route.host === host);
        if (own.length === 0) continue;
        const serverRoutes = own.flatMap((route) => [
            buildMetadataRoute(route),
            ...(paths.get(route.server) ?? []),
        ]);
        const title = index === 0 ? "host" : `host-${index + 1}`;
        const spec = buildServerSpec(host, serverRoutes, carried);
        create("VirtualServer", title, namespace, spec, carried.annotations);
    }
    return { address: undefined };
}

type Create = (
    kind: string,
    title: string,
    place: pulumi.Input<string>,
    spec: Record<string, unknown>,
) => pulumi.Output<string>;

/** Creates the objects of one server in its namespace, and returns the paths of the VirtualServer that lead to them. */
function createRoutes(
    route: HostedRoute,
    carried: CarriedRoutes,
    create: Create,
): VirtualServerPath[] {
    const { server, namespace, publicPaths, openPaths } = route;
    const policy = (title: string, spec: Record<string, unknown>) =>
        create("Policy", `${server}-${title}`, namespace, {
            ingressClassName: carried.ingressClassName,
            ...spec,
        });
    const policies = {
        auth: policy("auth", { externalAuth: buildExternalAuth(route, carried) }),
        limit: policy("limit", { rateLimit: buildRateLimit(route) }),
        cors: policy("cors", { cors: buildCors(route) }),
    };
    const lead = (
        title: string,
        paths: string[],
        applied: pulumi.Output<string>[],
        snippet: string,
    ) => {
        const path = `~ ^${buildPathPattern(route, paths)}`;
        const spec = buildRouteSpec(route, path, applied, snippet);
        const bodySize = title === "open" ? "1k" : `${route.limits.bodyMebibytes}m`;
        const full = {
            ...spec,
            ingressClassName: carried.ingressClassName,
            upstreams: [buildUpstream(route, bodySize)],
        };
        const created = create("VirtualServerRoute", `${server}-${title}`, namespace, full);
        return { path, route: pulumi.interpolate`${namespace}/${created}` };
    };
    const { auth, limit, cors } = policies;
    return [
        lead("protected", publicPaths, [auth, limit, cors], buildVerifiedSnippet()),
        ...(openPaths.length === 0
            ? []
            : [lead("open", openPaths, [limit, cors], buildAnonymousSnippet())]),
    ];
}

function buildServerSpec(
    host: string,
    routes: VirtualServerPath[],
    { ingressClassName, certificateName, verifier }: CarriedRoutes,
) {
    return {
        ingressClassName,
        host,
        tls: { secret: certificateName, redirect: { enable: true } },
        "http-snippets": stepUpMap(host),
        "server-snippets": noChallenge,
        upstreams: [{ name: "token-verifier", service: verifier.serviceName, port: verifier.port }],
        routes,
    };
}

/** Public by design: it names the authorization server. */
function buildMetadataRoute({ server, resource }: Route): VirtualServerPath {
    const proxy = { upstream: "token-verifier", rewritePath: `/metadata/${server}` };
    return { path: `=${resourceMetadataPath(resource)}`, action: { proxy } };
}

/** Its location is named by the path, so that each server has a path of its own. */
function buildExternalAuth({ server }: Route, { namespace, verifier }: CarriedRoutes) {
    return {
        authURI: `/verify/${server}`,
        authServiceName: pulumi.interpolate`${namespace}/${verifier.serviceName}`,
        authServicePorts: [verifier.port],
    };
}

/** NGINX counts before the token is verified, so a caller is known by its token alone. */
function buildRateLimit({ limits }: Route) {
    return {
        rate: `${limits.requestsPerSecond}r/s`,
        burst: limits.burst,
        noDelay: true,
        key: "${http_authorization}",
        zoneSize: "2M",
        rejectCode: 429,
    };
}

function buildCors({ cors }: Route) {
    return {
        allowOrigin: cors.origins.includes("*") ? ["*"] : cors.origins,
        allowMethods: corsMethods,
        allowHeaders: requestHeaders,
        exposeHeaders: exposedHeaders,
        allowCredentials: false,
        maxAge: preflightSeconds,
    };
}

function buildUpstream({ server, serviceName, port }: Route, bodySize: string) {
    return {
        name: server,
        service: serviceName,
        port,
        "lb-method": "least_conn",
        buffering: false,
        "client-max-body-size": bodySize,
        "connect-timeout": "5s",
        "read-timeout": "3600s",
        "send-timeout": "3600s",
        keepalive: 64,
    };
}

function buildRouteSpec(
    route: HostedRoute,
    path: string,
    policies: pulumi.Output<string>[],
    snippet: string,
) {
    const proxy = { upstream: route.server, rewritePath: buildTarget(route) };
    const prefix =
        route.stripPrefix && route.prefix !== ""
            ? [setHeader("X-Forwarded-Prefix", route.prefix)]
            : [];
    return {
        host: route.host,
        subroutes: [
            {
                path,
                policies: policies.map((policy) => ({ name: policy, namespace: route.namespace })),
                action: { proxy },
                "location-snippets": [snippet, ...prefix, addStepUp(route.host)].join("\n"),
            },
        ],
    };
}
