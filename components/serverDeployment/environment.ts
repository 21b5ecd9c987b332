import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { ServerDeploymentArgs } from "./serverDeploymentArgs.ts";
import { buildBridgeEnvironment } from "./bridge.ts";

/** Variables of a server: what it must know, what it was given, and references to its secrets. */
export function buildEnvironment(
    name: string,
    args: ServerDeploymentArgs,
    secretName: pulumi.Input<string> | undefined,
): k8s.types.input.core.v1.EnvVar[] {
    const { env = {}, secrets = {} } = args;
    const bridged = {
        name,
        namespace: args.namespace,
        mcpPath: args.mcpPath ?? "/mcp",
        allowedHosts: args.allowedHosts ?? [],
        allowedOrigins: args.allowedOrigins ?? [],
        longestCallSeconds: args.longestCallSeconds ?? 300,
        variables: [...Object.keys(env), ...Object.keys(secrets)],
    };
    const values: Record<string, pulumi.Input<string>> = {
        PORT: String(args.port ?? 8000),
        ...(args.bridge === undefined ? {} : buildBridgeEnvironment(bridged)),
        ...env,
    };
    return [
        ...Object.entries(values).map(([variable, value]) => ({ name: variable, value })),
        ...Object.keys(secrets).map((variable) => ({
            name: variable,
            valueFrom: { secretKeyRef: { name: secretName, key: variable } },
        })),
    ];
}
