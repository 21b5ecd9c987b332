import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { buildSpread, rollingUpdate } from "../../pods/availability.ts";
import { selectorLabels } from "../../pods/labels.ts";
import { buildPodPeer, type ClusterDns, tcpPorts } from "../../pods/network.ts";
import { buildScheduling, type SchedulingArgs } from "../../pods/scheduling.ts";
import { restrictedContainer } from "../../pods/security.ts";
import { buildShellCommand } from "../../pods/shellCommand.ts";
import { behindPods, buildServiceHost, buildServiceSpec } from "../../pods/services.ts";
import { splitFile } from "./configuration.ts";
import { block, directive, renderDirectives } from "./directive.ts";
import { buildEnvironment, configurationPort, nginxUser } from "./pods.ts";
import { checkScript } from "./scripts.ts";

/** Bytes of the file in one ConfigMap, which may hold 1 MiB in all. */
const partLimit = 900 * 1024;

/** Seconds in which gateway pods load what a new pod offers: they look twice a second. */
const loadSeconds = 4;

export interface ConfigurationServerArgs {
    /** The configuration file. */
    text: pulumi.Output<string>;
    /** Image of the gateway: the same NGINX checks the file. */
    image: pulumi.Input<string>;
    serviceAccountName: pulumi.Input<string>;
    gatewayLabels: Record<string, string>;
    gateway: SchedulingArgs &
        ClusterDns & {
            namespace: pulumi.Input<string>;
            pullSecretName?: pulumi.Input<string>;
            routes: unknown[];
        };
}

/**
 * Offers the configuration to the pods of the gateway, which load it in place: a further server restarts none of them. A
 * new pod has NGINX check the file first; when that refuses it, the deployment fails with its words and the previous pods
 * stay. Returns the host.
 */
export function createConfigurationServer(
    parent: pulumi.Resource,
    name: string,
    args: ConfigurationServerArgs,
): pulumi.Output<string> {
    const { text, gatewayLabels, gateway } = args;
    const { namespace } = gateway;
    const labels = selectorLabels("gateway-configuration", name);
    const metadata = { namespace, labels };
    const parts = Array.from({ length: countParts(gateway.routes.length) }, (_, index) => {
        const part = text.apply((all) => splitFile(all, partLimit)[index] ?? "");
        const data: Record<string, pulumi.Input<string>> = index === 0
            ? { part, "server.conf": serverFile }
            : { part };
        const suffix = index === 0 ? "" : `-${index + 1}`;
        return new k8s.core.v1.ConfigMap(
            `${name}-configuration${suffix}`,
            { metadata, data },
            { parent },
        );
    });
    const policy = new k8s.networking.v1.NetworkPolicy(
        `${name}-configuration-network`,
        {
            metadata,
            spec: {
                podSelector: { matchLabels: labels },
                policyTypes: ["Ingress", "Egress"],
                ingress: [
                    {
                        from: [buildPodPeer({ labels: gatewayLabels })],
                        ports: tcpPorts(configurationPort),
                    },
                ],
                egress: [],
            },
        },
        { parent },
    );
    const partNames = parts.map((part) => part.metadata.name);
    const deployment = new k8s.apps.v1.Deployment(
        `${name}-configuration-pods`,
        {
            metadata,
            spec: {
                replicas: 1,
                minReadySeconds: loadSeconds,
                revisionHistoryLimit: 3,
                selector: { matchLabels: labels },
                strategy: rollingUpdate,
                template: { metadata: { labels }, spec: buildPodSpec(labels, args, partNames) },
            },
        },
        { parent, dependsOn: policy },
    );
    const service = new k8s.core.v1.Service(
        `${name}-configuration-service`,
        { metadata, spec: buildServiceSpec(labels, configurationPort) },
        behindPods(parent, deployment),
    );
    const host = buildServiceHost(service.metadata.name, namespace, gateway);
    // With a final dot no search path is tried.
    return pulumi.interpolate`${host}.`;
}

/** ConfigMaps for so many servers: plain, because it decides what is created. Names may be as long as Kubernetes admits. */
function countParts(servers: number): number {
    const bytesPerServer = 1024;
    const bytesOfAll = 64 * 1024;
    return Math.ceil((bytesOfAll + servers * bytesPerServer) / partLimit);
}

const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    directive(`${kind}_temp_path`, `/tmp/${kind}`),
);

/** Serves what the check has written. */
const serverFile = renderDirectives([
    directive("pid", "/tmp/nginx.pid"),
    directive("error_log", "stderr", "warn"),
    block(["events"], []),
    block(
        ["http"],
        [
            ...temporaryPaths,
            directive("access_log", "off"),
            directive("default_type", "text/plain"),
            block(
                ["server"],
                [directive("listen", configurationPort), directive("root", "/run/slipway/served")],
            ),
        ],
    ),
]);

function buildPodSpec(
    labels: Record<string, string>,
    { image, serviceAccountName, gateway }: ConfigurationServerArgs,
    partNames: pulumi.Input<string>[],
): k8s.types.input.core.v1.PodSpec {
    const partsDirectory = "/etc/slipway/configuration";
    const parts = partNames.map((configMap, index) => ({
        name: `part-${index + 1}`,
        configMap: { name: configMap },
        mountPath: `${partsDirectory}/${String(index + 1).padStart(3, "0")}`,
    }));
    const state = { name: "state", mountPath: "/run/slipway" };
    const volumeMounts = [
        ...parts.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
        state,
        { name: "tmp", mountPath: "/tmp" },
    ];
    const common = { image, volumeMounts, securityContext: restrictedContainer() };
    const resources = {
        requests: { cpu: "10m", memory: "16Mi" },
        limits: { memory: "256Mi" },
    };
    return {
        ...buildScheduling(gateway),
        serviceAccountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: nginxUser,
        imagePullSecrets:
            gateway.pullSecretName === undefined ? undefined : [{ name: gateway.pullSecretName }],
        terminationGracePeriodSeconds: 5,
        topologySpreadConstraints: buildSpread(labels),
        initContainers: [
            {
                ...common,
                name: "check",
                command: buildShellCommand(checkScript),
                env: buildEnvironment({
                    STATE_DIRECTORY: state.mountPath,
                    PARTS_DIRECTORY: partsDirectory,
                }),
                terminationMessagePolicy: "FallbackToLogsOnError",
                resources,
            },
        ],
        containers: [
            {
                ...common,
                name: "configuration",
                command: [
                    ...["nginx", "-c", `${partsDirectory}/001/server.conf`],
                    ...["-g", "daemon off;"],
                ],
                ports: [{ name: "http", containerPort: configurationPort }],
                readinessProbe: {
                    httpGet: { path: "/revision", port: configurationPort },
                    periodSeconds: 1,
                },
                resources,
            },
        ],
        volumes: [
            ...parts.map(({ name, configMap }) => ({ name, configMap })),
            { name: "state", emptyDir: { sizeLimit: "64Mi" } },
            { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
    };
}
