import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { buildSpread } from "../../pods/availability.ts";
import type { DefaultResources } from "../../pods/resources.ts";
import { buildScheduling, type SchedulingArgs } from "../../pods/scheduling.ts";
import { restrictedContainer, restrictedPod } from "../../pods/security.ts";
import { buildShellCommand } from "../../pods/shellCommand.ts";
import { startScript } from "./scripts.ts";
import type { NginxSurroundings } from "./settings.ts";
import { verdictsDirectory } from "./verdicts.ts";

/** What a gateway pod is built from. */
export interface GatewayPod {
    labels: Record<string, string>;
    image: pulumi.Input<string>;
    serviceAccountName: pulumi.Input<string>;
    /** Host of the configuration server. */
    configurationHost: pulumi.Input<string>;
    /** Secret with the certificate; undefined behind a proxy that terminates TLS. */
    certificateName: pulumi.Input<string> | undefined;
    pullSecretName: pulumi.Input<string> | undefined;
    longestCallSeconds: number;
    resources: pulumi.Input<DefaultResources>;
    scheduling: SchedulingArgs;
}

/** Ports and files inside the pod. */
export const containerSurroundings: NginxSurroundings = {
    ports: { tls: 8443, plain: 8080, health: 8081 },
    temporary: "/tmp",
    accessLog: "/dev/stdout",
};

/** Port of the configuration server. */
export const configurationPort = 8080;

const stateDirectory = "/run/slipway";
const certificateDirectory = "/etc/slipway/tls";

/** Seconds for which NGINX accepts connections after its pod left the Service. */
const drainSeconds = 15;

/** Stops accepting, waits for calls to finish, and delays SIGTERM, which would cut them, until then. */
const drain = `sleep ${drainSeconds}; nginx -c ${stateDirectory}/active/nginx.conf -s quit; sleep 86400`;

/** Seconds that a pod may take to stop. */
export function gracePeriodOf(longestCallSeconds: number): number {
    return drainSeconds + longestCallSeconds + 10;
}

/** A gateway pod that Pod Security `restricted` admits. */
export function buildGatewayPod(pod: GatewayPod): k8s.types.input.core.v1.PodSpec {
    const { ports } = containerSurroundings;
    const hasCertificate = pod.certificateName !== undefined;
    const health = { httpGet: { path: "/healthz", port: ports.health } };
    return {
        ...buildScheduling(pod.scheduling),
        serviceAccountName: pod.serviceAccountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: nginxUser,
        imagePullSecrets:
            pod.pullSecretName === undefined ? undefined : [{ name: pod.pullSecretName }],
        terminationGracePeriodSeconds: gracePeriodOf(pod.longestCallSeconds),
        topologySpreadConstraints: buildSpread(pod.labels),
        containers: [
            {
                name: "nginx",
                image: pod.image,
                command: buildShellCommand(startScript),
                env: buildEnvironment({
                    STATE_DIRECTORY: stateDirectory,
                    CONFIGURATION_HOST: pod.configurationHost,
                    CONFIGURATION_PORT: String(configurationPort),
                    CERTIFICATE_DIRECTORY: hasCertificate ? certificateDirectory : "",
                    INTERVAL_SECONDS: "0.5",
                }),
                ports: [
                    ...(hasCertificate ? [{ name: "https", containerPort: ports.tls }] : []),
                    { name: "http", containerPort: ports.plain },
                    { name: "health", containerPort: ports.health },
                ],
                // A pod without configuration waits for the configuration server; a restart would not help.
                startupProbe: { ...health, periodSeconds: 1, failureThreshold: 600 },
                readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 3 },
                livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5 },
                lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", drain] } } },
                resources: pod.resources,
                securityContext: restrictedContainer(),
                volumeMounts: [
                    ...(hasCertificate
                        ? [{ name: "tls", mountPath: certificateDirectory, readOnly: true }]
                        : []),
                    { name: "state", mountPath: stateDirectory },
                    { name: "tmp", mountPath: containerSurroundings.temporary },
                    {
                        name: "verdicts",
                        mountPath: containerSurroundings.temporary + verdictsDirectory,
                    },
                ],
            },
        ],
        volumes: [
            ...(hasCertificate
                ? [{ name: "tls", secret: { secretName: pod.certificateName, defaultMode: 0o440 } }]
                : []),
            // In memory, as it holds a copy of the key.
            { name: "state", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
            { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
            { name: "verdicts", emptyDir: { medium: "Memory", sizeLimit: "32Mi" } },
        ],
    };
}

/** User `nginx` of the official image. */
export const nginxUser = { ...restrictedPod(101), fsGroup: 101 };

/** Environment of a script. */
export function buildEnvironment(variables: Record<string, pulumi.Input<string>>) {
    return Object.entries(variables).map(([name, value]) => ({ name, value }));
}
