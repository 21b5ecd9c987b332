import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { buildBridgeEnvironment, type Peers } from "../bridge/environment.ts";
import { serverDefaults } from "../defaults.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import type { Capacity } from "./capacity.ts";
import type { VariableSource } from "./settings.ts";

/** What the environment of a server refers to. */
interface EnvironmentReferences {
    secretName: pulumi.Input<string> | undefined;
    /** Only of a bridged server. */
    peers: Peers | undefined;
    capacity: Capacity;
}

/** Environment of a server: settings of the bridge, `PORT`, `env`, and references to `secrets`. */
export function buildEnvironment(
    name: string,
    args: ServerDeploymentArgs,
    { secretName, peers, capacity }: EnvironmentReferences,
): k8s.types.input.core.v1.EnvVar[] {
    const { env = {}, secrets = {}, envFrom = {}, bridge } = args;
    const bridged = {
        name,
        namespace: args.namespace,
        clusterDomain: args.clusterDomain,
        mcpPath: args.mcpPath ?? serverDefaults.mcpPath,
        allowedHosts: args.allowedHosts ?? [],
        allowedOrigins: args.allowedOrigins ?? [],
        longestCallSeconds: args.longestCallSeconds ?? serverDefaults.longestCallSeconds,
        variables: [
            ...Object.keys(env),
            ...Object.keys(secrets),
            ...Object.keys(envFrom),
            ...(bridge?.imageVariables ?? []),
        ],
        isolation: args.isolation,
        maxProcesses: capacity.maxProcesses,
        tools: args.tools ?? {},
    };
    const hasHome = [env, secrets, envFrom].some((variables) => "HOME" in variables);
    const values: Record<string, pulumi.Input<string>> = {
        PORT: String(args.port ?? serverDefaults.port),
        ...(hasHome ? undefined : { HOME: serverDefaults.home }),
        ...env,
    };
    return [
        ...(bridge === undefined || peers === undefined
            ? []
            : buildBridgeEnvironment({ ...bridged, bridge, peers })),
        ...Object.entries(values).map(([variable, value]) => ({ name: variable, value })),
        ...Object.keys(secrets).map((variable) => ({
            name: variable,
            valueFrom: { secretKeyRef: { name: secretName, key: variable } },
        })),
        ...Object.entries(envFrom).map(([variable, source]) => ({
            name: variable,
            valueFrom: buildValueSource(variable, source),
        })),
    ];
}

function buildValueSource(
    variable: string,
    { secret, configMap, key = variable }: VariableSource,
): k8s.types.input.core.v1.EnvVarSource {
    return secret === undefined
        ? { configMapKeyRef: { name: configMap, key } }
        : { secretKeyRef: { name: secret, key } };
}
