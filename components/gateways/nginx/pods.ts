import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { buildSpread } from "../../pods/availability.ts";
import type { DefaultResources } from "../../pods/resources.ts";
import { buildScheduling, type SchedulingArgs } from "../../pods/scheduling.ts";
import { restrictedContainer, restrictedPod } from "../../pods/security.ts";
import type { NginxSurroundings } from "./settings.ts";
import { verdictsDirectory } from "./verdicts.ts";

/** What a gateway pod is built from. */
export interface GatewayPod {
    labels: Record<string, string>;
    image: pulumi.Input<string>;
    serviceAccountName: pulumi.Input<string>;
    configurationName: pulumi.Input<string>;
    /** ConfigMaps with the files of `renderRouteFiles`. */
    routesNames: pulumi.Input<string>[];
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
    certificateFile: "/etc/slipway/tls/tls.crt",
    keyFile: "/etc/slipway/tls/tls.key",
    configurationFile: "/etc/slipway/nginx.conf",
    routesDirectory: "/etc/slipway/routes",
    resolverFile: "/run/slipway/resolver.conf",
    temporary: "/tmp",
    accessLog: "/dev/stdout",
};

/** Seconds for which NGINX accepts connections after its pod left the Service. */
const drainSeconds = 15;

/** NGINX does not read resolv.conf, and the address of cluster DNS differs between clusters. */
const writeResolver = `set -eu
servers=""
while read -r keyword address rest; do
    [ "$keyword" = nameserver ] || continue
    case "$address" in *:*) address="[$address]" ;; esac
    servers="$servers $address"
done < /etc/resolv.conf
[ -n "$servers" ] || { echo "no nameserver in /etc/resolv.conf" >&2; exit 1; }
echo "resolver$servers valid=2s;" > ${containerSurroundings.resolverFile}
`;

/** Keeps NGINX in the foreground, as the process of its container. */
const foreground = "daemon off;";

/**
 * Starts NGINX, and reloads it when certificate or key change: the kubelet replaces the files of a Secret. A reload that
 * fails, because the two do not belong together, is repeated until it succeeds; NGINX serves the old certificate until then.
 */
export function buildStartScript(
    { certificateFile, keyFile, configurationFile }: NginxSurroundings,
    intervalSeconds: number,
): string {
    return `set -eu
fingerprint() { cat ${certificateFile} ${keyFile} | cksum; }
loaded=$(fingerprint)
(
    while sleep ${intervalSeconds}; do
        current=$(fingerprint)
        [ "$current" = "$loaded" ] && continue
        if nginx -c ${configurationFile} -s reload; then
            loaded=$current
            echo "certificate reloaded" >&2
        else
            echo "certificate not reloaded, trying again in ${intervalSeconds} s" >&2
        fi
    done
) &
exec nginx -c ${configurationFile} -g "${foreground}"
`;
}

/** Stops accepting, waits for calls to finish, and delays SIGTERM, which would cut them, until then. */
const drain = `sleep ${drainSeconds}; nginx -c ${containerSurroundings.configurationFile} -s quit; sleep 86400`;

/** Seconds that a pod may take to stop. */
export function gracePeriodOf(longestCallSeconds: number): number {
    return drainSeconds + longestCallSeconds + 10;
}

/** A gateway pod that Pod Security `restricted` admits. */
export function buildGatewayPod(pod: GatewayPod): k8s.types.input.core.v1.PodSpec {
    const { ports } = containerSurroundings;
    const routes = pod.routesNames.map((configMap, index) => ({
        volume: { name: `routes-${index + 1}`, configMap: { name: configMap } },
        mountPath: `${containerSurroundings.routesDirectory}/${index + 1}`,
    }));
    const certificates =
        pod.certificateName === undefined
            ? []
            : [
                  {
                      volume: {
                          name: "tls",
                          secret: { secretName: pod.certificateName, defaultMode: 0o440 },
                      },
                      mountPath: "/etc/slipway/tls",
                  },
              ];
    const mounted = [...routes, ...certificates];
    const health = { httpGet: { path: "/healthz", port: ports.health } };
    return {
        ...buildScheduling(pod.scheduling),
        serviceAccountName: pod.serviceAccountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // User `nginx` of the official image.
        securityContext: { ...restrictedPod(101), fsGroup: 101 },
        imagePullSecrets:
            pod.pullSecretName === undefined ? undefined : [{ name: pod.pullSecretName }],
        terminationGracePeriodSeconds: gracePeriodOf(pod.longestCallSeconds),
        topologySpreadConstraints: buildSpread(pod.labels),
        initContainers: [
            {
                name: "resolver",
                image: pod.image,
                command: ["/bin/sh", "-c", writeResolver],
                volumeMounts: [{ name: "run", mountPath: "/run/slipway" }],
                resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
                securityContext: restrictedContainer(),
            },
        ],
        containers: [
            {
                name: "nginx",
                image: pod.image,
                command:
                    pod.certificateName === undefined
                        ? ["nginx", "-c", containerSurroundings.configurationFile, "-g", foreground]
                        : ["/bin/sh", "-c", buildStartScript(containerSurroundings, 60)],
                ports: [
                    ...(pod.certificateName === undefined
                        ? []
                        : [{ name: "https", containerPort: ports.tls }]),
                    { name: "http", containerPort: ports.plain },
                    { name: "health", containerPort: ports.health },
                ],
                startupProbe: { ...health, periodSeconds: 1, failureThreshold: 60 },
                readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 3 },
                livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5 },
                lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", drain] } } },
                resources: pod.resources,
                securityContext: restrictedContainer(),
                volumeMounts: [
                    {
                        name: "configuration",
                        mountPath: containerSurroundings.configurationFile,
                        subPath: "nginx.conf",
                        readOnly: true,
                    },
                    ...mounted.map(({ volume: { name }, mountPath }) => ({
                        name,
                        mountPath,
                        readOnly: true,
                    })),
                    { name: "run", mountPath: "/run/slipway", readOnly: true },
                    { name: "tmp", mountPath: containerSurroundings.temporary },
                    {
                        name: "verdicts",
                        mountPath: containerSurroundings.temporary + verdictsDirectory,
                    },
                ],
            },
        ],
        volumes: [
            { name: "configuration", configMap: { name: pod.configurationName } },
            ...mounted.map(({ volume }) => volume),
            { name: "run", emptyDir: { sizeLimit: "1Mi" } },
            { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
            { name: "verdicts", emptyDir: { medium: "Memory", sizeLimit: "32Mi" } },
        ],
    };
}
