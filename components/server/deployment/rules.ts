import { isPort } from "../../gateways/gateway.ts";
import type { ArgProblem } from "../../problems/argProblem.ts";
import { isPlainPath } from "../../plainPath.ts";
import { findBridgeProblems, findUnbridgedProblems } from "../bridge/rules.ts";
import type { BridgeSettings, ToolRules } from "../bridge/args.ts";
import { findEgressProblems, findIngressProblems } from "./egressRules.ts";
import type { EgressRule, IngressRule } from "./networkPolicy.ts";
import type { ResourcesArgs } from "./podSpec.ts";
import { findResourceProblems } from "./capacityRules.ts";
import type { ReplicaRange, ScalingArgs } from "./scaling.ts";
import { findVolumeProblems } from "./volumeRules.ts";
import type { VolumeArgs } from "./volumes.ts";

/** How a server speaks MCP: HTTP by itself, or stdio behind the bridge. */
export type Transport = "http" | "stdio";

/** Who keeps a session: nobody, or the memory of one pod. */
export type Sessions = "stateless" | "stateful";

/**
 * Who shares a stdio process: everybody, a session, a caller, or nobody. `auto` is `shared`, but a process of its own for
 * a client that the server may ask for something.
 */
export type Isolation = "auto" | "shared" | "session" | "principal" | "request";

/** The settings of one server that depend on each other; all plain. */
export interface CheckedServer {
    transport?: Transport;
    command?: string[];
    port?: number;
    mcpPath?: string;
    healthPath?: string;
    env?: Record<string, unknown>;
    secrets?: Record<string, unknown>;
    replicas?: ReplicaRange;
    scaling?: ScalingArgs;
    resources?: ResourcesArgs;
    sessions?: Sessions;
    isolation?: Isolation;
    tools?: ToolRules;
    bridge?: BridgeSettings;
    longestCallSeconds?: number;
    egress?: EgressRule[];
    ingress?: IngressRule[];
    volumes?: VolumeArgs[];
}

/** Refuses a server that Kubernetes would refuse later, or that would lose calls. */
export function findServerProblems(server: CheckedServer): ArgProblem[] {
    return [
        ...findPathProblems(server),
        ...findTransportProblems(server),
        ...findReplicaProblems(server),
        ...findScalingProblems(server.scaling ?? {}),
        ...findResourceProblems(server.resources ?? {}),
        ...findVariableProblems(server),
        ...(server.egress ?? []).flatMap(findEgressProblems),
        ...(server.ingress ?? []).flatMap(findIngressProblems),
        ...(server.volumes ?? []).flatMap(findVolumeProblems),
    ];
}

function findPathProblems(server: CheckedServer): ArgProblem[] {
    const problems: ArgProblem[] = [];
    const { port, mcpPath, healthPath, longestCallSeconds = 1 } = server;
    if (port !== undefined && (!isPort(port) || port < 1024)) {
        problems.push({ path: "port", reason: `must be 1024 to 65535, got ${port}` });
    }
    for (const [path, value] of Object.entries({ mcpPath, healthPath })) {
        if (value !== undefined && !isPlainPath(value)) {
            problems.push({
                path,
                reason: `must be an absolute path such as '/mcp', got '${value}'`,
            });
        }
    }
    if (longestCallSeconds < 1 || longestCallSeconds > 3600) {
        const reason = `must be 1 to 3600 as the gateway cuts longer ones, got ${longestCallSeconds}`;
        problems.push({ path: "longestCallSeconds", reason });
    }
    return problems;
}

function findTransportProblems(server: CheckedServer): ArgProblem[] {
    const { transport = "http", command = [], healthPath } = server;
    if (transport === "http") {
        return findUnbridgedProblems(server);
    }
    const problems: ArgProblem[] = [];
    if (command.length === 0) {
        const reason =
            'must name the program that speaks stdio, got nothing; e.g. ["mcp-server-fetch"]';
        problems.push({ path: "command", reason });
    }
    if (healthPath !== undefined) {
        const reason = `must be left out for a stdio server, whose bridge has its own, got '${healthPath}'`;
        problems.push({ path: "healthPath", reason });
    }
    return [...problems, ...findBridgeProblems(server)];
}

function findReplicaProblems({ replicas, sessions, transport }: CheckedServer): ArgProblem[] {
    if (replicas === undefined) {
        return sessions === "stateful" ? [refuseStateful("the default 3", transport)] : [];
    }
    const { min, max } = replicas;
    const problems: ArgProblem[] = [];
    if (!Number.isInteger(min) || min < 1) {
        problems.push({
            path: "replicas.min",
            reason: `must be a whole number from 1, got ${min}`,
        });
    }
    if (!Number.isInteger(max) || max < min) {
        const reason = `must not be below replicas.min (${min}), got ${max}`;
        problems.push({ path: "replicas.max", reason });
    }
    if (sessions === "stateful" && max > 1) {
        problems.push(refuseStateful(String(max), transport));
    }
    return problems;
}

function refuseStateful(got: string, transport: Transport = "http"): ArgProblem {
    return {
        path: "replicas.max",
        reason: `must be 1 for a stateful ${transport} server, whose sessions live in one pod, got ${got}`,
    };
}

function findScalingProblems(scaling: ScalingArgs): ArgProblem[] {
    const {
        cpuPercent = 70,
        memoryPercent = 80,
        ongoingRequests,
        scaleDownSeconds = 300,
    } = scaling;
    const problems: ArgProblem[] = [];
    for (const [name, percent] of Object.entries({ cpuPercent, memoryPercent })) {
        if (percent < 1 || percent > 1000) {
            problems.push({
                path: `scaling.${name}`,
                reason: `must be 1 to 1000 percent of the request, got ${percent}`,
            });
        }
    }
    if (ongoingRequests !== undefined) {
        problems.push({
            path: "scaling.ongoingRequests",
            reason: `must be left out, as nothing measures calls in flight yet, got ${ongoingRequests}; use cpuPercent`,
        });
    }
    if (scaleDownSeconds < 0 || scaleDownSeconds > 3600) {
        const reason = `must be 0 to 3600, got ${scaleDownSeconds}`;
        problems.push({ path: "scaling.scaleDownSeconds", reason });
    }
    return problems;
}

function findVariableProblems({ env = {}, secrets = {} }: CheckedServer): ArgProblem[] {
    const named = [
        ...Object.keys(env).map((name) => ({ path: `env.${name}`, name })),
        ...Object.keys(secrets).map((name) => ({ path: `secrets.${name}`, name })),
    ];
    return named.flatMap(({ path, name }) => {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
            return [{ path, reason: `must be the name of a variable, got '${name}'` }];
        }
        if (name === "PORT" || name.startsWith("SLIPWAY_")) {
            return [{ path, reason: `must not be a variable that is set here, got '${name}'` }];
        }
        return path.startsWith("secrets.") && name in env
            ? [{ path, reason: `must not be in 'env' as well, got '${name}' in both` }]
            : [];
    });
}
