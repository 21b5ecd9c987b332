import * as z from "zod";

import { ServerLog } from "../components/server/bridge/args.ts";
import { bridgeDefaults, bridgeMemory, serverDefaults } from "../components/server/defaults.ts";
import { optional, required } from "./keys.ts";

/** One entry of `egress`. */
export const egressRule = z.strictObject({
    cidr: optional(
        z.string(),
        "IP addresses; `0.0.0.0/0` is every address. Either this, or `namespace` and `pods`",
        { absent: "pods of the cluster", example: "203.0.113.0/24" },
    ),
    except: optional(z.array(z.string()), "Parts of `cidr` that stay forbidden", {
        default: [],
        example: ["203.0.113.7/32"],
    }),
    namespace: optional(z.string(), "Namespace of the pods", {
        absent: "that of the server",
        example: "data",
    }),
    pods: optional(z.record(z.string(), z.string()), "Labels of the pods", {
        absent: "every pod of the namespace",
        example: { app: "postgres" },
    }),
    ports: optional(z.array(z.int()), "TCP ports of the pods or hosts, not of a Service", {
        absent: "all ports",
        example: [5432],
    }),
});

/** One entry of `ingress`. */
export const ingressRule = z.strictObject({
    namespace: optional(z.string(), "Namespace of the pods", {
        absent: "that of the server",
        example: "monitoring",
    }),
    pods: optional(z.record(z.string(), z.string()), "Labels of the pods", {
        absent: "every pod of the namespace",
        example: { app: "prometheus" },
    }),
});

/** One entry of `volumes`. */
export const volume = z.strictObject({
    mountPath: required(z.string(), "Absolute path inside the container", "/data"),
    mebibytes: optional(
        z.int().positive(),
        "Largest size of a directory that is lost with the pod, in mebibytes",
        { default: serverDefaults.volumeMebibytes, example: 1024 },
    ),
    claim: optional(
        z.string(),
        "Existing PersistentVolumeClaim of the namespace, whose content is kept",
        { absent: "the directory is lost with the pod", example: "weather-data" },
    ),
    shared: optional(
        z.boolean(),
        "Whether several pods may mount the claim at once (`ReadWriteMany`); otherwise the server has one pod",
        { default: false, example: true },
    ),
});

/** Tools of a stdio server. */
export const tools = z.strictObject({
    allow: optional(z.array(z.string()), "Tools that callers may use; `*` matches any text", {
        absent: "all tools",
        example: ["get_*"],
    }),
    scopes: optional(
        z.record(z.string(), z.array(z.string())),
        "Additional scopes that a tool requires; they are created in the realm and granted by `identity.clients[].scopes`",
        { default: {}, example: { get_wind: ["wind:read"] } },
    ),
    checkArguments: optional(
        z.boolean(),
        "Refuse arguments that do not match the tool's schema before they reach the server",
        { default: bridgeDefaults.checkArguments, example: true },
    ),
});

const sessions = z.strictObject({
    idleSeconds: optional(z.number(), "Seconds without a request after which a session ends", {
        default: bridgeDefaults.sessions.idleSeconds,
        example: 900,
    }),
    lifetimeSeconds: optional(z.number(), "Longest lifetime of a session, in seconds", {
        default: bridgeDefaults.sessions.lifetimeSeconds,
        example: 28800,
    }),
    max: optional(z.number(), "Most concurrent sessions", {
        default: bridgeDefaults.sessions.max,
        example: 2000,
    }),
});

const processes = z.strictObject({
    max: optional(
        z.number(),
        "Most concurrent processes; callers that need a further one are answered with 503",
        {
            absent: `as many as the memory limit holds, at most ${bridgeDefaults.processes.max}`,
            example: 8,
        },
    ),
    mebibytes: optional(
        z.number(),
        "Memory of one process in mebibytes; bridge and processes must fit into the memory limit",
        { default: bridgeMemory.process, example: 32 },
    ),
    warm: optional(z.number(), "Processes kept started for the next caller that needs its own", {
        default: bridgeDefaults.processes.warm,
        example: 2,
    }),
});

const calls = z.strictObject({
    max: optional(z.number(), "Most concurrent calls of all callers", {
        default: bridgeDefaults.calls.max,
        example: 200,
    }),
    maxPerCaller: optional(z.number(), "Most concurrent calls of one caller", {
        default: bridgeDefaults.calls.maxPerCaller,
        example: 50,
    }),
});

/** The bridge of a stdio server. */
export const bridge = z.strictObject({
    sessions: optional(sessions, "Sessions of clients", {
        default: bridgeDefaults.sessions,
        example: { idleSeconds: 900 },
    }),
    processes: optional(processes, "Processes of the server; not with isolation `shared`", {
        absent: "as many as the memory limit holds, one of them warm",
        example: { max: 8 },
    }),
    calls: optional(calls, "Concurrent calls", {
        default: bridgeDefaults.calls,
        example: { max: 200 },
    }),
    imageVariables: optional(
        z.array(z.string()),
        "Variables of the image that the server needs besides `PATH`, `HOME` and the like",
        { default: [], example: ["JAVA_HOME"] },
    ),
    serverLog: optional(
        z.enum(ServerLog),
        "What is logged of the server's stderr; `start` is what precedes its first call, `redacted` leaves out what looks like a secret",
        { default: bridgeDefaults.serverLog, example: "redacted" },
    ),
    rest: optional(
        z.boolean(),
        "Also expose the tools as a REST API: `/tools`, `/call`, `/openapi.json` with a token, `/docs` and `/redoc` without",
        { default: bridgeDefaults.rest, example: true },
    ),
});

const objectKeys = {
    secret: optional(z.string(), "Name of the Secret; either this or `configMap`", {
        absent: "a ConfigMap",
        example: "weather-keys",
    }),
    configMap: optional(z.string(), "Name of the ConfigMap", {
        absent: "a Secret",
        example: "weather-settings",
    }),
};

/** One entry of `envFrom`. */
export const variableSource = z.strictObject({
    ...objectKeys,
    key: optional(z.string(), "Entry with the value", {
        absent: "the name of the variable",
        example: "api-key",
    }),
});

/** One entry of `files`. */
export const files = z.strictObject({
    mountPath: required(z.string(), "Absolute path inside the container", "/etc/weather"),
    ...objectKeys,
    keys: optional(z.array(z.string()), "Entries to mount", {
        absent: "all",
        example: ["stations.json"],
    }),
});
