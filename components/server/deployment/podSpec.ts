import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { restrictedContainer, restrictedPod } from "../../pods/security.ts";
import { bridgeMount, bridgeVolume, buildBridgeInstaller } from "../bridge/container.ts";
import { buildProbes, type HealthPaths } from "../../pods/probes.ts";
import { buildSessionKeyVolume, sessionKeyMount } from "../bridge/sessionKey.ts";
import { buildVolumes, type VolumeArgs } from "./volumes.ts";

/** CPU and memory of one pod, in Kubernetes quantities such as `100m` and `256Mi`; fractions of a CPU are fine. */
export interface ResourcesArgs {
    /**
     * What every pod is promised; the autoscaler measures against it.
     *
     * @default { cpu: "100m", memory: "256Mi" }
     */
    requests?: { cpu?: string; memory?: string };
    /**
     * What a pod may use at most: more CPU is throttled, more memory ends it.
     *
     * @default { cpu: "1", memory: "512Mi" }
     */
    limits?: { cpu?: string; memory?: string };
}

/** Share of a node where nothing is asked for. */
export const defaultResources = {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { cpu: "1", memory: "512Mi" },
};

/** One pod of a server, with every default filled in. */
export interface ServerPod {
    labels: Record<string, string>;
    image: pulumi.Input<string>;
    command: string[] | undefined;
    port: number;
    environment: k8s.types.input.core.v1.EnvVar[];
    health: HealthPaths | undefined;
    resources: ResourcesArgs;
    volumes: VolumeArgs[];
    runAsUser: number | undefined;
    drainSeconds: number;
    longestCallSeconds: number;
    serviceAccountName: pulumi.Input<string>;
    pullSecretName: pulumi.Input<string> | undefined;
    /** The bridge of a stdio server: its image, and the Secret its pods sign session ids with. */
    bridge: { image: pulumi.Input<string>; keySecretName: pulumi.Input<string> } | undefined;
}

/** A pod as Pod Security `restricted` wants it, that drains before it goes. */
export function buildServerPod(pod: ServerPod): k8s.types.input.core.v1.PodSpec {
    const { bridge } = pod;
    const { volumes, volumeMounts } = buildVolumes(pod.volumes);
    const bridgeVolumes =
        bridge === undefined ? [] : [bridgeVolume, buildSessionKeyVolume(bridge.keySecretName)];
    const bridgeMounts = bridge === undefined ? [] : [bridgeMount, sessionKeyMount];
    const keepsFiles = pod.volumes.some(({ claim }) => claim !== undefined);
    return {
        serviceAccountName: pod.serviceAccountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
            ...restrictedPod(pod.runAsUser),
            // A claim belongs to root until its group is set; without one there is nothing to change.
            ...(keepsFiles
                ? { fsGroup: pod.runAsUser ?? 1000, fsGroupChangePolicy: "OnRootMismatch" }
                : {}),
        },
        imagePullSecrets:
            pod.pullSecretName === undefined ? undefined : [{ name: pod.pullSecretName }],
        // The wait before SIGTERM counts too; the last seconds are for the process itself.
        terminationGracePeriodSeconds: pod.drainSeconds + pod.longestCallSeconds + 10,
        topologySpreadConstraints: buildSpread(pod.labels),
        initContainers: bridge === undefined ? undefined : [buildBridgeInstaller(bridge.image)],
        containers: [
            {
                name: "server",
                image: pod.image,
                command: pod.command,
                ports: [{ name: "http", containerPort: pod.port }],
                env: pod.environment,
                ...buildProbes(pod.port, pod.health),
                resources: {
                    requests: { ...defaultResources.requests, ...pod.resources.requests },
                    limits: { ...defaultResources.limits, ...pod.resources.limits },
                },
                // Keeps serving until every gateway has read the new list of pods.
                lifecycle: { preStop: { sleep: { seconds: pod.drainSeconds } } },
                securityContext: restrictedContainer(),
                volumeMounts: [...volumeMounts, ...bridgeMounts],
            },
        ],
        volumes: [...volumes, ...bridgeVolumes],
    };
}

/** Over zones, then nodes, as far as there are any; counted per revision so that a rollout spreads as well. */
export function buildSpread(
    matchLabels: Record<string, string>,
): k8s.types.input.core.v1.TopologySpreadConstraint[] {
    return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels },
        matchLabelKeys: ["pod-template-hash"],
    }));
}
