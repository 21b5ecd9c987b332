import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { restrictedContainer } from "../podSecurity.ts";
import type { HealthPaths } from "./probes.ts";

/** The image that turns a stdio server into an HTTP one. */
export interface BridgeArgs {
    /** Bridge image, pinned. Its runtime is copied into the pod, so the server's own image needs none. */
    image: pulumi.Input<string>;
}

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
}

/** Where the bridge tells how it is; ready means that a handshake with its child succeeded. */
export const bridgeHealth: HealthPaths = { live: "/livez", ready: "/readyz" };

/** Where the bridge's image has it and every container must see it: the runtime names its loader by this path. */
const home = "/slipway";
const volumeName = "bridge";

/** Volume that carries the bridge from the init container to the server's container. */
export const bridgeVolume: k8s.types.input.core.v1.Volume = {
    name: volumeName,
    emptyDir: { sizeLimit: "256Mi" },
};

/** Where the server's container finds the bridge. */
export const bridgeMount: k8s.types.input.core.v1.VolumeMount = {
    name: volumeName,
    mountPath: home,
    readOnly: true,
};

/** Copies runtime and bridge into the shared volume; works for any image of the server, whatever its C library, without one too. */
export function buildBridgeInstaller({ image }: BridgeArgs): k8s.types.input.core.v1.Container {
    const target = "/target";
    return {
        name: "bridge",
        image,
        command: [`${home}/bin/node`, `${home}/install.cjs`, target],
        volumeMounts: [{ name: volumeName, mountPath: target }],
        securityContext: restrictedContainer(),
        resources: {
            requests: { cpu: "50m", memory: "64Mi" },
            limits: { cpu: "1", memory: "256Mi" },
        },
    };
}

/** The server's command, run by the bridge. */
export function buildBridgedCommand(command: string[]): string[] {
    return [`${home}/bin/node`, `${home}/bridge.cjs`, "--", ...command];
}

/** Settings of the bridge. */
export function buildBridgeEnvironment({
    name,
    namespace,
    mcpPath,
    allowedHosts,
    allowedOrigins,
    longestCallSeconds,
    variables,
}: BridgedServer): Record<string, pulumi.Input<string>> {
    const inCluster = pulumi
        .output(namespace)
        .apply((within) => [
            name,
            `${name}.${within}`,
            `${name}.${within}.svc`,
            `${name}.${within}.svc.cluster.local`,
        ]);
    return {
        SLIPWAY_PATH: mcpPath,
        SLIPWAY_SERVER: name,
        SLIPWAY_ALLOWED_HOSTS: inCluster.apply((hosts) => [...allowedHosts, ...hosts].join(",")),
        SLIPWAY_ALLOWED_ORIGINS: allowedOrigins.join(","),
        SLIPWAY_CALL_SECONDS: String(longestCallSeconds),
        SLIPWAY_GRACE_SECONDS: String(longestCallSeconds),
        SLIPWAY_CHILD_ENV: variables.join(","),
    };
}
