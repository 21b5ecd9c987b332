import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { buildBridgeEnvironment } from "../bridge/environment.ts";
import { serverDefaults } from "../defaults.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import { limitProcesses } from "./memory.ts";

/** Environment of a server: settings of the bridge, `PORT`, `env`, and references to `secrets`. */
export function buildEnvironment(
    name: string,
    args: ServerDeploymentArgs,
    secretName: pulumi.Input<string> | undefined,
    peersHost: pulumi.Input<string> | undefined,
): k8s.types.input.core.v1.EnvVar[] {
    const { env = {}, secrets = {}, bridge } = args;
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
            ...(bridge?.imageVariables ?? []),
        ],
        isolation: args.isolation,
        maxProcesses: limitProcesses({ ...args, transport: "stdio" }),
        tools: args.tools ?? {},
    };
    const values = { PORT: String(args.port ?? serverDefaults.port), ...env };
    return [
        ...(bridge === undefined || peersHost === undefined
            ? []
            : buildBridgeEnvironment({ ...bridged, bridge, peersHost })),
        ...Object.entries(values).map(([variable, value]) => ({ name: variable, value })),
        ...Object.keys(secrets).map((variable) => ({
            name: variable,
            valueFrom: { secretKeyRef: { name: secretName, key: variable } },
        })),
    ];
}
