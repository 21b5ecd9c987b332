import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { HealthPaths } from "../../pods/probes.ts";
import { restrictedContainer } from "../../pods/security.ts";

/** Health checks of the bridge; ready means that the handshake with its child succeeded. */
export const bridgeHealth: HealthPaths = { live: "/livez", ready: "/readyz" };

/** Directory of the bridge in its image and in every container: the runtime refers to its loader by this path. */
const home = "/slipway";
const volumeName = "bridge";

/** Volume that carries the bridge from the init container to the server's container. */
export const bridgeVolume: k8s.types.input.core.v1.Volume = {
    name: volumeName,
    emptyDir: { sizeLimit: "256Mi" },
};

/** The customary Prometheus annotations. */
export function buildMetricsAnnotations(port: number): Record<string, string> {
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": String(port),
    };
}

/** Mount of the bridge in the server's container. */
export const bridgeMount: k8s.types.input.core.v1.VolumeMount = {
    name: volumeName,
    mountPath: home,
    readOnly: true,
};

/**
 * Copies runtime and bridge to the shared volume; independent of the C library of the server's image. Nobody may read the
 * programs, so that the server, which has their user, cannot look into their processes: they know the session key.
 */
export function buildBridgeInstaller(
    image: pulumi.Input<string>,
): k8s.types.input.core.v1.Container {
    const target = "/target";
    return {
        name: "bridge",
        image,
        command: [`${home}/bin/node`, `${home}/install.cjs`, target, "--execute-only"],
        volumeMounts: [{ name: volumeName, mountPath: target }],
        securityContext: restrictedContainer(),
        resources: {
            requests: { cpu: "50m", memory: "64Mi" },
            limits: { cpu: "1", memory: "256Mi" },
        },
    };
}

/** The command of a server that runs behind the bridge. */
export function buildBridgedCommand(command: string[]): string[] {
    // Process 1 must reap orphans of the server, which Node does not do.
    const init = [`${home}/bin/init`, "-s", "--"];
    // Calls leave only short-lived objects: a larger young generation would cost 20 MB and gain nothing. Waking threads
    // for garbage collection costs 6 % of a call. Node's compilers below the last one and the snapshot of its own start are
    // 5 MB of resident memory for 1 % of a call and 50 ms of the start. All measured.
    const runtime = [
        `${home}/bin/node`,
        "--max-semi-space-size=4",
        "--single-threaded-gc",
        "--no-maglev",
        "--no-sparkplug",
        "--no-node-snapshot",
    ];
    return [...init, ...runtime, `${home}/bridge.cjs`, "--", ...command];
}
