import type { VerifiedRoutes } from "../../../components/gateways/verification.ts";
import type { Route } from "../../../components/index.ts";

/** A route of one server. */
export function buildRoute(server: string, parts: Partial<Route> = {}): Route {
    const prefix = parts.prefix ?? `/${server}`;
    const { host = "mcp.example.org" } = parts;
    return {
        server,
        prefix,
        stripPrefix: true,
        publicPaths: ["/mcp"],
        openPaths: [],
        namespace: "tools",
        serviceName: `${server}-0a1b2c3d`,
        headlessServiceName: `${server}-pods-0a1b2c3d`,
        podLabels: { app: server },
        port: 8000,
        resource: `https://${host}${prefix}/mcp`,
        scopes: [`mcp:${server}`],
        limits: { requestsPerSecond: 10, burst: 20, bodyMebibytes: 4 },
        cors: { origins: ["*"] },
        longestCallSeconds: 300,
        ...parts,
    };
}

/** Arguments of a dialect that carries these routes. */
export function buildRoutingArgs(routes: Route[]): VerifiedRoutes {
    return {
        namespace: "tools",
        address: { host: "mcp.example.org" },
        tls: { secretName: "mcp-example-org" },
        identity: {
            issuer: "https://auth.example.org/realms/tools",
            jwksUri: "https://auth.example.org/certs",
        },
        routes,
        verifierImage: "registry.example.org/bridge:1.0.0",
    };
}
