import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { buildSpread } from "../pods/availability.ts";
import { buildProbes } from "../pods/probes.ts";
import type { DefaultResources } from "../pods/resources.ts";
import { buildScheduling, type SchedulingArgs } from "../pods/scheduling.ts";
import { restrictedContainer, restrictedPod } from "../pods/security.ts";

/** Ports of a verifier's pods. */
export const verifierPorts = {
    /** For gateways. */
    gateway: 8080,
    /** For metrics and back-channel logout. */
    management: 8081,
};

/** Files inside a pod. */
export const verifierFiles = {
    settings: "/etc/slipway",
    /** Directory with the credentials for introspection. */
    introspection: "/etc/introspection",
};

/** Not ready, but alive, while the issuer's keys cannot be read: a restart would not help. */
const health = { started: "/livez", live: "/livez", ready: "/readyz" };

/** What a pod of the verifier is built from. */
export interface VerifierPod {
    labels: Record<string, string>;
    image: pulumi.Input<string>;
    serviceAccountName: pulumi.Input<string>;
    settingsName: pulumi.Input<string>;
    /** Secret with the credentials for introspection; undefined without introspection. */
    introspectionName: pulumi.Input<string> | undefined;
    pullSecretName: pulumi.Input<string> | undefined;
    resources: pulumi.Input<DefaultResources>;
    scheduling: SchedulingArgs;
}

/** A pod of the verifier that Pod Security `restricted` admits. */
export function buildVerifierPod(pod: VerifierPod): k8s.types.input.core.v1.PodSpec {
    const { introspectionName, pullSecretName } = pod;
    const introspection =
        introspectionName === undefined
            ? []
            : [
                  {
                      volume: {
                          name: "introspection",
                          secret: { secretName: introspectionName, defaultMode: 0o440 },
                      },
                      mountPath: verifierFiles.introspection,
                  },
              ];
    return {
        ...buildScheduling(pod.scheduling),
        serviceAccountName: pod.serviceAccountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // A group of its own, with which Secrets can be read.
        securityContext: { ...restrictedPod(), ...(introspectionName && { fsGroup: 1000 }) },
        imagePullSecrets: pullSecretName === undefined ? undefined : [{ name: pullSecretName }],
        terminationGracePeriodSeconds: 30,
        topologySpreadConstraints: buildSpread(pod.labels),
        containers: [buildContainer(pod, introspection)],
        volumes: [
            { name: "settings", configMap: { name: pod.settingsName } },
            ...introspection.map(({ volume }) => volume),
            { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
    };
}

function buildContainer(
    { image, resources }: VerifierPod,
    mounted: { volume: { name: string }; mountPath: string }[],
): k8s.types.input.core.v1.Container {
    return {
        name: "token-verifier",
        image,
        command: ["/slipway/bin/node", "/slipway/verifier.cjs"],
        env: [
            { name: "PORT", value: String(verifierPorts.gateway) },
            { name: "SLIPWAY_MANAGEMENT_PORT", value: String(verifierPorts.management) },
            { name: "SLIPWAY_VERIFIER_FILE", value: `${verifierFiles.settings}/verifier.json` },
        ],
        ports: [
            { name: "http", containerPort: verifierPorts.gateway },
            { name: "management", containerPort: verifierPorts.management },
        ],
        ...buildProbes(verifierPorts.gateway, health),
        resources,
        lifecycle: { preStop: { sleep: { seconds: 15 } } },
        securityContext: restrictedContainer(),
        volumeMounts: [
            { name: "settings", mountPath: verifierFiles.settings, readOnly: true },
            ...mounted.map(({ volume: { name }, mountPath }) => ({
                name,
                mountPath,
                readOnly: true,
            })),
            { name: "tmp", mountPath: "/tmp" },
        ],
    };
}
