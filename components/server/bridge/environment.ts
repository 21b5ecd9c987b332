import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { BridgeArgs } from "./container.ts";
import type { ToolRules } from "./args.ts";
import type { Isolation } from "../deployment/rules.ts";
import { sessionKeyFile } from "./sessionKey.ts";

/** What the bridge must know of the server it runs. */
export interface BridgedServer {
    name: string;
    namespace: pulumi.Input<string>;
    mcpPath: string;
    /** Public hosts a request may name, beside the Service's; the rest is refused against DNS rebinding. */
    allowedHosts: string[];
    /** Pages in a browser that may call the server; `*` for any. */
    allowedOrigins: string[];
    /** Longest time one call may take, also after SIGTERM. */
    longestCallSeconds: number;
    /** Variables meant for the server: the bridge passes on no others but the usual ones, such as PATH. */
    variables: string[];
    isolation: Isolation | undefined;
    tools: ToolRules;
    bridge: BridgeArgs;
    /** DNS name that lists every pod of the server, those that stop as well. */
    peersHost: pulumi.Input<string>;
}

const mebibyte = 1024 * 1024;

/** Variables that tell the bridge all this; what is left out is its own default. */
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
        SLIPWAY_MAX_CHILDREN: processes.max,
        SLIPWAY_WARM_CHILDREN: processes.warm,
        SLIPWAY_SESSION_IDLE_SECONDS: sessions.idleSeconds,
        SLIPWAY_SESSION_SECONDS: sessions.lifetimeSeconds,
        SLIPWAY_MAX_SESSIONS: sessions.max,
        SLIPWAY_MAX_IN_FLIGHT: calls.max,
        SLIPWAY_MAX_IN_FLIGHT_PER_PRINCIPAL: calls.maxPerCaller,
        SLIPWAY_MAX_BODY_BYTES: bodyMebibytes === undefined ? undefined : bodyMebibytes * mebibyte,
        // Whoever is let in through the gateway was identified there.
        SLIPWAY_IDENTITY: "headers",
        SLIPWAY_AUDIENCE: endpoint?.resource,
        SLIPWAY_TOOLS: tools.allow?.join(","),
        SLIPWAY_TOOL_SCOPES: formatToolScopes(tools, endpoint?.scopes ?? []),
        SLIPWAY_CHECK_ARGUMENTS: tools.checkArguments,
        SLIPWAY_REST: bridge.rest ?? false,
        SLIPWAY_PEERS: server.peersHost,
        SLIPWAY_KEY_FILE: sessionKeyFile,
    };
    return [
        { name: "SLIPWAY_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        ...Object.entries(values).flatMap(([variable, value]) =>
            value === undefined ? [] : [{ name: variable, value: asText(value) }],
        ),
    ];
}

function buildAllowedHosts({ name, namespace, allowedHosts }: BridgedServer) {
    return pulumi
        .output(namespace)
        .apply((within) =>
            [
                ...allowedHosts,
                name,
                `${name}.${within}`,
                `${name}.${within}.svc`,
                `${name}.${within}.svc.cluster.local`,
            ].join(","),
        );
}

/** The endpoint's scopes come along, so that a caller told what is missing is told all a token needs. */
function formatToolScopes({ scopes = {} }: ToolRules, common: string[]): string | undefined {
    const entries = Object.entries(scopes).map(
        ([tool, needed]) => `${tool}=${[...new Set([...common, ...needed])].join(" ")}`,
    );
    return entries.length === 0 ? undefined : entries.join(",");
}

function asText(value: pulumi.Input<string> | number | boolean): pulumi.Input<string> {
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
