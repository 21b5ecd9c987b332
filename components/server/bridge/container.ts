import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Endpoint } from "../endpoint.ts";
import { restrictedContainer } from "../../pods/security.ts";
import type { BridgeSettings } from "./args.ts";
import type { HealthPaths } from "../../pods/probes.ts";

/** The image that turns a stdio server into an HTTP one, and how it does. */
export interface BridgeArgs extends BridgeSettings {
    /** Bridge image, pinned. Its runtime is copied into the pod, so the server's own image needs none. */
    image: pulumi.Input<string>;
    /**
     * Public address of the endpoint and the scopes its tokens carry: what a caller that lacks a tool's scope is told.
     *
     * @default none; such a caller is told the tool's scopes alone
     */
    endpoint?: Pick<Endpoint, "resource" | "scopes">;
    /**
     * Largest request in mebibytes; the gateway's limit should be the same.
     *
     * @default 4
     */
    bodyMebibytes?: number;
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

/** What Prometheus is told of a pod; the usual annotations. */
export function buildMetricsAnnotations(port: number): Record<string, string> {
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": String(port),
    };
}

/** Where the server's container finds the bridge. */
export const bridgeMount: k8s.types.input.core.v1.VolumeMount = {
    name: volumeName,
    mountPath: home,
    readOnly: true,
};

/** Copies runtime and bridge into the shared volume; works for any image of the server, whatever its C library, without one too. */
export function buildBridgeInstaller(
    image: pulumi.Input<string>,
): k8s.types.input.core.v1.Container {
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
    // Process 1 must bury whatever the server leaves behind, which Node does not do.
    const init = [`${home}/bin/init`, "-s", "--"];
    // What a call leaves in memory is gone with it, so more room for the young only costs memory: 20 MB, measured. Threads
    // that help to collect it cost more to wake than they take over: 6 % of a call, measured.
    const runtime = [`${home}/bin/node`, "--max-semi-space-size=4", "--single-threaded-gc"];
    return [...init, ...runtime, `${home}/bridge.cjs`, "--", ...command];
}
