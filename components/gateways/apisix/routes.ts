import type * as pulumi from "@pulumi/pulumi";

import { corsMethods } from "../cors.ts";
import { resourceMetadataPath } from "../gateway.ts";
import { buildMetadata } from "../metadata.ts";
import type { Route } from "../route.ts";
import type { CallerLimits, ToolLimit } from "./args.ts";
import { type Authentication, buildAuthentication } from "./authentication.ts";
import {
    buildCors,
    buildLimits,
    buildMetrics,
    buildRequestId,
    buildRewrite,
    buildStaticAnswer,
    buildToolLimit,
    buildTransport,
    type Plugin,
} from "./plugins.ts";

/** Group and version of the custom resources. */
export const apisixVersion = "apisix.apache.org/v2";

/** What the rules of a server are built from. */
export interface ServerRules {
    route: Route & { host: string };
    ingressClassName: string;
    authentication: Authentication;
    callerLimits: CallerLimits;
    /** Those of this server. */
    toolLimits: ToolLimit[];
}

/** One condition on a request. */
export interface MatchExpression {
    subject: { scope: "Header"; name: string };
    op: "Equal" | "In" | "RegexMatch";
    value?: string;
    set?: string[];
}

/** One rule of an ApisixRoute. */
export interface Rule {
    name: string;
    priority: number;
    match: { hosts: string[]; paths: string[]; methods: string[]; exprs?: MatchExpression[] };
    backends: { serviceName: pulumi.Input<string>; servicePort: number }[];
    timeout?: { connect: string; send: string; read: string };
    plugins: Plugin[];
}

/** An ApisixRoute with all rules of one server; each names its class, as version 2 of the controller wants it. */
export function buildRouteSpec(server: ServerRules): { ingressClassName: string; http: Rule[] } {
    const { route, ingressClassName } = server;
    const open = route.openPaths.length === 0 ? [] : [buildOpenRule(route)];
    return {
        ingressClassName,
        http: [
            buildMetadataRule(server),
            ...server.toolLimits.map((limit, index) => buildToolRule(server, limit, index)),
            buildMcpRule(server),
            ...open,
        ],
    };
}

/** Public by design: it names the authorization server. APISIX answers itself, so it has no part in the server's state. */
function buildMetadataRule({ route, authentication }: ServerRules): Rule {
    const rule = buildRule(route, "metadata", 30, [resourceMetadataPath(route.resource)]);
    const { issuers } = authentication;
    return {
        ...rule,
        match: { ...rule.match, methods: ["GET", "OPTIONS"] },
        plugins: [
            buildRequestId(),
            buildStaticAnswer(buildMetadata(route, issuers)),
            buildCors(["*"]),
        ],
    };
}

/** Everything that requires a token. */
function buildMcpRule(server: ServerRules): Rule {
    const { route, authentication, callerLimits } = server;
    return {
        ...buildRule(route, "mcp", 10, withBelow(route, route.publicPaths)),
        timeout: streamTimeout,
        plugins: [
            ...buildTransport(route),
            ...buildAuthentication(route, authentication),
            buildRewrite(route, authentication.by),
            ...buildLimits(route, authentication.by, callerLimits),
            buildMetrics(),
        ],
    };
}

/** The same for calls of some tools, with their limit. */
function buildToolRule(server: ServerRules, limit: ToolLimit, index: number): Rule {
    const rule = buildMcpRule(server);
    const { name: endpoint } = rule;
    const others = rule.plugins.filter(({ name }) => name !== "limit-count");
    const [path = ""] = server.route.publicPaths;
    return {
        ...rule,
        name: endpoint.replace(/mcp$/, `tools-${index + 1}`),
        priority: 20,
        match: {
            ...rule.match,
            paths: [server.route.prefix + path],
            methods: ["POST"],
            exprs: matchTools(limit.tools),
        },
        plugins: [...others, buildToolLimit(limit, server.authentication.by)],
    };
}

/** Pages that reveal nothing of the server; it sees an anonymous caller. */
function buildOpenRule(route: Route & { host: string }): Rule {
    return {
        ...buildRule(route, "open", 10, withBelow(route, route.openPaths)),
        timeout: streamTimeout,
        plugins: [...buildTransport(route, 1024), buildRewrite(route, undefined), buildMetrics()],
    };
}

/** Streams may be silent for an hour; a pod that does not accept a connection is not waited for. */
const streamTimeout = { connect: "5s", send: "3600s", read: "3600s" };

function buildRule(
    route: Route & { host: string },
    name: string,
    priority: number,
    paths: string[],
): Rule {
    const { server, host, serviceName, port } = route;
    return {
        name: `${server}-${name}`,
        priority,
        match: { hosts: [host], paths, methods: corsMethods },
        // Without granularity, whose values differ between versions: pods, not the Service's address.
        backends: [{ serviceName, servicePort: port }],
        plugins: [],
    };
}

/** Paths and everything below them; `/mcp*` would match `/mcpx` too. */
function withBelow({ prefix }: Route, paths: string[]): string[] {
    return paths.flatMap((path) => [prefix + path, `${prefix}${path}/*`]);
}

/** Calls of the tools under MCP 2026-07-28 or later; a name may also come encoded. */
function matchTools(tools: string[]): MatchExpression[] {
    const header = (name: string) => ({ scope: "Header" as const, name });
    const encoded = tools.map((tool) => `=?base64?${Buffer.from(tool).toString("base64")}?=`);
    return [
        {
            subject: header("MCP-Protocol-Version"),
            op: "RegexMatch",
            value: "^20(2[6-9]|[3-9][0-9])-",
        },
        { subject: header("Mcp-Method"), op: "Equal", value: "tools/call" },
        { subject: header("Mcp-Name"), op: "In", set: [...tools, ...encoded] },
    ];
}

/** How APISIX reaches the pods of a server; it applies to the Service of the same name. */
export function buildUpstreamSpec(ingressClassName: string) {
    return {
        ingressClassName,
        loadbalancer: { type: "least_conn" },
        // Only before the request was sent: NGINX repeats no POST that a server may have seen.
        retries: 2,
        timeout: streamTimeout,
        passHost: "pass",
    };
}
