import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { buildSpread } from "../../pods/availability.ts";
import { selectorLabels } from "../../pods/labels.ts";
import { buildProbes } from "../../pods/probes.ts";
import { buildScheduling } from "../../pods/scheduling.ts";
import { restrictedContainer, restrictedPod } from "../../pods/security.ts";
import { isPlain } from "../../problems/inputs.ts";
import {
    bridgeHealth,
    bridgeMount,
    bridgeVolume,
    buildBridgedCommand,
    buildBridgeInstaller,
} from "../bridge/container.ts";
import type { Peers } from "../bridge/environment.ts";
import { serverDefaults } from "../defaults.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import type { Capacity } from "./capacity.ts";
import { buildEnvironment } from "./environment.ts";
import type { FilesArgs, VolumeArgs } from "./settings.ts";

/** Names of objects that a pod refers to, and its size. */
export interface PodReferences {
    accountName: pulumi.Input<string>;
    secretName: pulumi.Input<string> | undefined;
    /** Only of a bridged server. */
    peers: Peers | undefined;
    /** What each pod may use. */
    capacity: Capacity;
}

/** A pod that Pod Security `restricted` admits and that finishes its calls before it stops. */
export function buildPodSpec(
    name: string,
    args: ServerDeploymentArgs,
    { accountName, secretName, peers, capacity }: PodReferences,
): k8s.types.input.core.v1.PodSpec {
    const {
        command = [],
        healthPath,
        bridge,
        port = serverDefaults.port,
        drainSeconds = serverDefaults.drainSeconds,
        pullSecretName,
    } = args;
    const { volumes, volumeMounts } = buildVolumes(args, peers);
    const health = healthPath === undefined ? undefined : { live: healthPath, ready: healthPath };
    return {
        ...buildScheduling(args),
        serviceAccountName: accountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: buildSecurityContext(args),
        imagePullSecrets: pullSecretName === undefined ? undefined : [{ name: pullSecretName }],
        terminationGracePeriodSeconds: gracePeriodOf(args),
        topologySpreadConstraints: buildSpread(selectorLabels("server", name)),
        initContainers: bridge === undefined ? undefined : [buildBridgeInstaller(bridge.image)],
        containers: [
            {
                name: "server",
                image: args.image,
                command: bridge === undefined ? args.command : buildBridgedCommand(command),
                ports: [{ name: "http", containerPort: port }],
                env: buildEnvironment(name, args, { secretName, peers, capacity }),
                ...buildProbes(port, bridge === undefined ? health : bridgeHealth),
                resources: capacity.resources,
                // Keeps serving until every gateway has updated its list of pods.
                lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
                securityContext: restrictedContainer(),
                volumeMounts,
            },
        ],
        volumes,
    };
}

/** Seconds that a pod may take to stop. Includes the wait before SIGTERM; the last ones are for the process itself. */
export function gracePeriodOf({
    longestCallSeconds = serverDefaults.longestCallSeconds,
    drainSeconds = serverDefaults.drainSeconds,
}: ServerDeploymentArgs): number {
    return drainSeconds + longestCallSeconds + 10;
}

function buildSecurityContext({ runAsUser, volumes = [] }: ServerDeploymentArgs) {
    const hasClaim = volumes.some(({ claim }) => claim !== undefined);
    return {
        ...restrictedPod(runAsUser),
        // A claim belongs to root until its group is set.
        ...(hasClaim ? { fsGroup: runAsUser ?? 1000, fsGroupChangePolicy: "OnRootMismatch" } : {}),
    };
}

/** Volumes of a pod and their mounts. `/tmp` is always one, as the root file system is read-only. */
function buildVolumes(args: ServerDeploymentArgs, peers: Peers | undefined) {
    const all: VolumeArgs[] = [{ mountPath: "/tmp" }, ...(args.volumes ?? [])];
    const nameOf = (index: number) => (index === 0 ? "tmp" : `volume-${index}`);
    const directories = all.map(({ claim, mebibytes = serverDefaults.volumeMebibytes }, index) =>
        claim === undefined
            ? { name: nameOf(index), emptyDir: { sizeLimit: inMebibytes(mebibytes) } }
            : { name: nameOf(index), persistentVolumeClaim: { claimName: claim } },
    );
    const files = (args.files ?? []).map((one, index) => buildFiles(`files-${index + 1}`, one));
    const volumes = [...directories, ...files.map(({ volume }) => volume)];
    const volumeMounts = [
        ...all.map(({ mountPath }, index) => ({ name: nameOf(index), mountPath })),
        ...files.map(({ mount }) => mount),
    ];
    return peers === undefined
        ? { volumes, volumeMounts }
        : {
              volumes: [...volumes, bridgeVolume],
              volumeMounts: [...volumeMounts, bridgeMount],
          };
}

function inMebibytes(size: pulumi.Input<number>): pulumi.Input<string> {
    return isPlain<number>(size) ? `${size}Mi` : pulumi.interpolate`${size}Mi`;
}

function buildFiles(name: string, { mountPath, secret, configMap, keys }: FilesArgs) {
    const items = keys?.map((key) => ({ key, path: key }));
    const volume =
        secret === undefined
            ? { name, configMap: { name: configMap, items } }
            : { name, secret: { secretName: secret, items } };
    return { volume, mount: { name, mountPath, readOnly: true } };
}
