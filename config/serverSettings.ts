import * as z from "zod";

import { Isolation } from "../components/server/bridge/args.ts";
import { bridgeDefaults, serverDefaults } from "../components/server/defaults.ts";
import { ScalingMetric, Sessions, Transport } from "../components/server/deployment/settings.ts";
import { optional, required } from "./keys.ts";
import { mount, probe } from "./mountSettings.ts";
import { resourcesKey, schedulingKeys } from "./podParts.ts";
import { source } from "./sourceSettings.ts";
import {
    bridge,
    egressRule,
    files,
    ingressRule,
    tools,
    variableSource,
    volume,
} from "./serverParts.ts";

const replicas = z.strictObject({
    min: required(z.number(), "Pods that always run", 2),
    max: required(z.number(), "Pods that run at most", 6),
});

const scaling = z.strictObject({
    metrics: optional(
        z.array(z.enum(ScalingMetric)),
        "Resources whose use is measured; leave one out to switch its target off",
        { default: serverDefaults.scaling.metrics, example: ["cpu"] },
    ),
    cpuPercent: optional(z.number(), "Target of mean CPU use, in percent of the request", {
        default: serverDefaults.scaling.cpuPercent,
        example: 60,
    }),
    memoryPercent: optional(z.number(), "Target of mean memory use, in percent of the request", {
        default: serverDefaults.scaling.memoryPercent,
        example: 90,
    }),
    scaleDownSeconds: optional(
        z.number(),
        "How long load must stay low before pods are removed, in seconds",
        { default: serverDefaults.scaling.scaleDownSeconds, example: 60 },
    ),
});

const limits = z.strictObject({
    requestsPerSecond: optional(
        z.number(),
        "Average calls per second, per identity and gateway pod; more are answered with 429",
        { default: serverDefaults.limits.requestsPerSecond, example: 20 },
    ),
    burst: optional(z.number(), "Calls above the average that are accepted at once", {
        default: serverDefaults.limits.burst,
        example: 40,
    }),
    bodyMebibytes: optional(z.number(), "Largest request in mebibytes", {
        default: serverDefaults.limits.bodyMebibytes,
        example: 16,
    }),
});

/** One entry of `slipway:servers`: shapes only, rules and defaults are those of the components. */
export const serverSettings = z.strictObject({
    name: required(z.string(), "Name of the server, its Service and its McpServer", "weather"),
    source: required(
        source,
        "What the server is: a directory to build, an image, or a package of npm or PyPI",
        { build: "images/weather" },
    ),
    transport: optional(
        z.enum(Transport),
        "How the server speaks MCP: over HTTP itself, or over stdio behind the bridge",
        { default: serverDefaults.transport, example: "stdio" },
    ),
    command: optional(
        z.array(z.string()),
        "Program and arguments; required for `stdio`, except with a package",
        {
            absent: "those of the image or package",
            example: ["weather-mcp", "--units", "metric"],
        },
    ),
    port: optional(
        z.int(),
        "Port of the server, 1024 or above; passed to the program as variable `PORT`",
        { default: serverDefaults.port, example: 9000 },
    ),
    mcpPath: optional(z.string(), "Path of the MCP endpoint inside the server", {
        default: serverDefaults.mcpPath,
        example: "/api/mcp",
    }),
    healthPath: optional(z.string(), "Path of the health check of an `http` server", {
        absent: "probes connect to the port",
        example: "/health",
    }),
    host: optional(z.string(), "Public host of its own, which leads to the gateway", {
        absent: "that of the gateway",
        example: "weather.example.org",
    }),
    prefix: optional(z.string(), "Public path of the server; `/` for the root of its host", {
        default: serverDefaults.prefix("<name>"),
        example: "/tools/weather",
    }),
    stripPrefix: optional(
        z.boolean(),
        "Whether the gateway removes the prefix before it forwards a request",
        { default: serverDefaults.stripPrefix, example: false },
    ),
    env: optional(
        z.record(z.string(), z.string()),
        "Environment variables; one that is set with `pulumi config set --secret --path` reaches the pod through a Secret",
        {
            default: {},
            example: { UNITS: "metric" },
        },
    ),
    secrets: optional(
        z.record(z.string(), z.string()),
        "Environment variables with secret values, each with the configuration key of its value",
        { default: {}, example: { API_KEY: "weatherKey" } },
    ),
    envFrom: optional(
        z.record(z.string(), variableSource),
        "Environment variables from existing Secrets and ConfigMaps of the namespace, by name",
        { default: {}, example: { API_KEY: { secret: "weather-keys", key: "api-key" } } },
    ),
    replicas: optional(replicas, "Bounds of the autoscaler", {
        absent: "1 to 3 pods; exactly one for an `http` server that is not `stateless`, and with a `claim` that is not `shared`",
        example: { min: 2, max: 6 },
    }),
    scaling: optional(scaling, "Targets of the autoscaler", {
        default: serverDefaults.scaling,
        example: { cpuPercent: 60 },
    }),
    resources: resourcesKey(serverDefaults.resources),
    sessions: optional(
        z.enum(Sessions),
        "Whether sessions live in the memory of one pod; a `stateful` server has exactly one",
        { absent: "unknown: one pod, unless `replicas` says otherwise", example: "stateless" },
    ),
    isolation: optional(
        z.enum(Isolation),
        "Which calls share a process of a stdio server; `auto`: all, except that a client to which the server may send requests gets its own",
        { default: bridgeDefaults.isolation, example: "principal" },
    ),
    tools: optional(tools, "Tools of a stdio server that callers may use", {
        absent: "all tools, without further scopes",
        example: { allow: ["get_*"] },
    }),
    bridge: optional(bridge, "How the bridge serves a stdio server; numbers are per pod", {
        default: {},
        example: { rest: true },
    }),
    longestCallSeconds: optional(z.number(), "Longest duration of one call, 1 to 3600 seconds", {
        default: serverDefaults.longestCallSeconds,
        example: 900,
    }),
    scopes: optional(z.array(z.string()), "Scopes that a token must carry, all of them", {
        default: serverDefaults.scopes("<name>"),
        example: ["weather:read"],
    }),
    checkRevocation: optional(
        z.boolean(),
        "Ask the issuer for each token whether it was revoked (`identity.introspection`)",
        { default: serverDefaults.checkRevocation, example: true },
    ),
    certificateBound: optional(
        z.boolean(),
        "Accept only tokens that are bound to the certificate of the client (RFC 8705); the gateway, of kind `nginx`, then asks clients for certificates",
        { default: serverDefaults.certificateBound, example: true },
    ),
    limits: optional(limits, "Limits of one caller", {
        default: serverDefaults.limits,
        example: { requestsPerSecond: 20, burst: 40 },
    }),
    cors: optional(
        z.strictObject({
            origins: required(z.array(z.string()), "Origins, or `*` for any", [
                "https://inspector.example.org",
            ]),
        }),
        "Browser pages that may call the server",
        { default: serverDefaults.cors, example: { origins: ["https://inspector.example.org"] } },
    ),
    egress: optional(z.array(egressRule), "Destinations that the server may reach besides DNS", {
        default: [],
        example: [{ cidr: "0.0.0.0/0", ports: [443] }],
    }),
    ingress: optional(
        z.array(ingressRule),
        "Pods besides the gateway that may reach the server, such as Prometheus",
        { default: [], example: [{ namespace: "monitoring" }] },
    ),
    callers: optional(
        z.array(z.string()),
        "Other servers of the stack that may call this one directly",
        { default: [], example: ["planner"] },
    ),
    volumes: optional(z.array(volume), "Writable directories besides `/tmp`", {
        default: [],
        example: [{ mountPath: "/data", claim: "weather-data" }],
    }),
    files: optional(
        z.array(files),
        "Directories with the entries of existing Secrets and ConfigMaps of the namespace",
        { default: [], example: [{ mountPath: "/etc/weather", configMap: "weather-settings" }] },
    ),
    ...schedulingKeys,
    podAnnotations: optional(z.record(z.string(), z.string()), "Annotations of the pods", {
        default: {},
        example: { "example.org/team": "weather" },
    }),
    podLabels: optional(z.record(z.string(), z.string()), "Further labels of the pods", {
        default: {},
        example: { team: "weather" },
    }),
    serviceAccountAnnotations: optional(
        z.record(z.string(), z.string()),
        "Annotations of the ServiceAccount, with which clouds grant the pods an identity",
        {
            default: {},
            example: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1234:role/weather" },
        },
    ),
    runAsUser: optional(
        z.int().positive(),
        "Numeric user id, for an image whose user is a name or root",
        { absent: "that of the image", example: 1000 },
    ),
    mounts: optional(
        z.array(mount),
        "Further MCP servers in the process of an `http` server, each with a public address and tokens of its own",
        { default: [], example: [{ name: "tides", mcpPath: "/tides/mcp" }] },
    ),
    paths: optional(
        z.array(z.string()),
        "Further paths of an `http` server that require a token, each with everything below it, such as a REST API",
        { default: [], example: ["/stations"] },
    ),
    openPaths: optional(
        z.array(z.string()),
        "Further paths of an `http` server that are public without token, each with everything below it, such as documentation",
        { default: [], example: ["/docs"] },
    ),
    probe: optional(probe, "Call with which `npm run verify` checks the server", {
        absent: "tools are listed only",
        example: { tool: "add_numbers", args: { a: 2, b: 3 }, expect: "5" },
    }),
});

export type ServerSettings = z.infer<typeof serverSettings>;
