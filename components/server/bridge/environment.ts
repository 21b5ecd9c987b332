import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { BridgeArgs, Isolation, ToolRules } from "./args.ts";
import { buildServiceHost } from "../../pods/services.ts";
import { bridgeDefaults } from "../defaults.ts";
import { buildSessionKeyVariables } from "./sessionKey.ts";

/** What the bridge must know of its server. */
export interface BridgedServer {
    name: string;
    namespace: pulumi.Input<string>;
    clusterDomain: string | undefined;
    mcpPath: string;
    /** Public hosts that requests may name besides the Service's; others are refused (DNS rebinding). */
    allowedHosts: string[];
    /** Origins of browser pages that may call the server; `*` for any. */
    allowedOrigins: string[];
    /** Longest duration of one call, also after SIGTERM. */
    longestCallSeconds: number;
    /** Variables for the server: the bridge passes these and the usual ones, such as PATH, and no others. */
    variables: string[];
    isolation: Isolation | undefined;
    /** Most concurrent processes; undefined where there is one by definition. */
    maxProcesses: pulumi.Output<number | undefined> | undefined;
    tools: ToolRules;
    bridge: BridgeArgs;
    peers: Peers;
}

/** What pods of a bridged server need to forward requests to each other. */
export interface Peers {
    /** DNS name that lists every pod of the server, including those that stop. */
    host: pulumi.Input<string>;
    /** Secret of `createSessionKey`. */
    keySecretName: pulumi.Input<string>;
}

const mebibyte = 1024 * 1024;

/** Environment variables of the bridge; those left out have its own defaults. */
export function buildBridgeEnvironment(server: BridgedServer): k8s.types.input.core.v1.EnvVar[] {
    const { name, tools, bridge } = server;
    const { sessions = {}, processes = {}, calls = {}, endpoint, bodyMebibytes } = bridge;
    const values: Record<string, pulumi.Input<string> | number | boolean | undefined> = {
        SLIPWAY_PATH: server.mcpPath,
        SLIPWAY_SERVER: name,
        SLIPWAY_ALLOWED_HOSTS: buildAllowedHosts(server),
        SLIPWAY_ALLOWED_ORIGINS: server.allowedOrigins.join(","),
        SLIPWAY_CALL_SECONDS: server.longestCallSeconds,
        SLIPWAY_GRACE_SECONDS: server.longestCallSeconds,
        SLIPWAY_CHILD_ENV: server.variables.join(","),
        SLIPWAY_ISOLATION: server.isolation,
        SLIPWAY_MAX_CHILDREN: server.maxProcesses?.apply(String),
        SLIPWAY_WARM_CHILDREN: processes.warm,
        SLIPWAY_SESSION_IDLE_SECONDS: sessions.idleSeconds,
        SLIPWAY_SESSION_SECONDS: sessions.lifetimeSeconds,
        SLIPWAY_MAX_SESSIONS: sessions.max,
        SLIPWAY_MAX_IN_FLIGHT: calls.max,
        SLIPWAY_MAX_IN_FLIGHT_PER_PRINCIPAL: calls.maxPerCaller,
        SLIPWAY_MAX_BODY_BYTES: bodyMebibytes === undefined ? undefined : bodyMebibytes * mebibyte,
        // The gateway has verified the identity of the caller.
        SLIPWAY_IDENTITY: "headers",
        SLIPWAY_AUDIENCE: endpoint?.resource,
        SLIPWAY_TOOLS: tools.allow?.join(","),
        SLIPWAY_TOOL_SCOPES: formatToolScopes(tools, endpoint?.scopes ?? []),
        SLIPWAY_CHECK_ARGUMENTS: tools.checkArguments,
        SLIPWAY_CHILD_LOG: bridge.serverLog,
        SLIPWAY_REST: bridge.rest ?? bridgeDefaults.rest,
        SLIPWAY_PEERS: server.peers.host,
    };
    return [
        { name: "SLIPWAY_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        ...Object.entries(values).flatMap(([variable, value]) =>
            value === undefined ? [] : [{ name: variable, value: asText(value) }],
        ),
        ...buildSessionKeyVariables(server.peers.keySecretName),
    ];
}

function buildAllowedHosts({ name, namespace, clusterDomain, allowedHosts }: BridgedServer) {
    return pulumi
        .all([namespace, buildServiceHost(name, namespace, { clusterDomain })])
        .apply(([within, serviceHost]) =>
            [...allowedHosts, name, `${name}.${within}`, `${name}.${within}.svc`, serviceHost].join(
                ",",
            ),
        );
}

/** Includes the scopes of the endpoint, so that a caller without a scope is told all that its token needs. */
function formatToolScopes({ scopes = {} }: ToolRules, common: string[]): string | undefined {
    const entries = Object.entries(scopes).map(
        ([tool, needed]) => `${tool}=${[...new Set([...common, ...needed])].join(" ")}`,
    );
    return entries.length === 0 ? undefined : entries.join(",");
}

function asText(value: pulumi.Input<string> | number | boolean): pulumi.Input<string> {
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
