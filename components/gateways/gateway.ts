import type * as pulumi from "@pulumi/pulumi";

import type { ArgProblem } from "../problems/argProblem.ts";

/** What clients type before the path: host and port of the gateway, always over TLS. */
export interface PublicAddress {
    /** Host name in lower case, without scheme, port or path. Plain, because it is part of every token's audience. */
    host: string;
    /**
     * Public TCP port.
     *
     * @default 443
     */
    port?: number;
}

/** Certificate of the public address: one that exists, or one made here that clients are told to trust. */
export type GatewayTls = { secretName: string } | { selfSigned: true };

/**
 * How the gateway is reached from outside the cluster: on a port of every node, through a load balancer of the
 * provider, or behind an Ingress controller that ends TLS.
 */
export type Exposure = { nodePort: number } | { loadBalancer: true } | { ingressClass: string };

/** What a gateway grants one caller of one server, at most. */
export interface RouteLimits {
    /** Calls per second, averaged, per identity and gateway pod; more are answered 429. */
    requestsPerSecond: number;
    /** Calls above the average that are let through at once. */
    burst: number;
    /** Largest request body in mebibytes; larger ones are answered 413. */
    bodyMebibytes: number;
}

/** Pages in a browser that may call a server. */
export interface RouteCors {
    /** Origins such as `https://inspector.example.org`, or `*` for any: no cookie is ever involved, only the token. */
    origins: string[];
}

/** Everything a gateway needs to know of one server. */
export interface Route {
    /** Name of the server. */
    server: string;
    /** Path under which the server is public, without trailing slash. */
    prefix: string;
    /** Whether the server sees its paths without the prefix. */
    stripPrefix: boolean;
    /** Paths of the server (below the prefix) that are public to who has a token; each with everything below it. */
    publicPaths: string[];
    /** Paths that need no token, as what is there tells nothing of the server; each with everything below it. */
    openPaths: string[];
    /** DNS name that lists the server's ready pods, one address each. */
    podsHost: pulumi.Input<string>;
    /** DNS name of the Service in front of the pods; right at once, while a list of pods may be seconds old. */
    serviceHost: pulumi.Input<string>;
    /** Port of the pods. */
    port: number;
    /** The server's one identity: audience of its tokens, RFC 9728 `resource`, and the address clients use. */
    resource: string;
    /** Scopes a token must carry, all of them. */
    scopes: string[];
    /** What one caller may ask for, at most. */
    limits: RouteLimits;
    /** Browser pages that may call the server. */
    cors: RouteCors;
    /** Longest time one call may take, in seconds. */
    longestCallSeconds: number;
}

/** Who issues the tokens and how they are checked. `Identity` gives it. */
export interface TokenIssuer {
    /** `iss` of valid tokens. */
    issuer: string;
    /** Where the signing keys are read from. */
    jwksUri: string;
    /** PEM certificate that signed the issuer's TLS certificate; undefined when a public authority did. */
    caCertificate?: pulumi.Input<string>;
}

/** What every gateway gives back, whatever its dialect. */
export interface Gateway {
    /** Public address of each server. */
    readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate clients must trust; undefined when it is not made here. */
    readonly caCertificate: pulumi.Output<string> | undefined;
}

/** Largest burst, rate and body where nothing else is asked for: they stop a runaway client, not a busy one. */
export const defaultLimits: RouteLimits = {
    requestsPerSecond: 1000,
    burst: 2000,
    bodyMebibytes: 4,
};

/**
 * The address of an endpoint, computed here and nowhere else. Port 443 is left out: clients, browsers and Keycloak
 * compare audiences as text.
 */
export function resourceUri(
    { host, port = 443 }: PublicAddress,
    prefix: string,
    mcpPath: string,
): string {
    return `https://${host}${port === 443 ? "" : `:${port}`}${prefix}${mcpPath}`;
}

/** Where the RFC 9728 document of a resource is: its path, inserted behind the well-known one. */
export function resourceMetadataPath(resource: string): string {
    return `/.well-known/oauth-protected-resource${new URL(resource).pathname}`;
}

/** Refuses hosts that carry more than a name. */
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

/** Refuses servers that would share an address: equal names, equal prefixes, or one prefix inside another. */
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

/** Whether a number can be a TCP port. */
export function isPort(port: number): boolean {
    return Number.isInteger(port) && port >= 1 && port <= 65535;
}

function contains(outer: string, inner: string): boolean {
    return inner === outer || inner.startsWith(`${outer}/`);
}
