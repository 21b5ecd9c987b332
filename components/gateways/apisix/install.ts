import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { ApisixInstallArgs } from "./args.ts";
import { apisixDefaults } from "./defaults.ts";

const release = "apisix";
const adminPort = 9180;

/**
 * Installs APISIX and its Ingress controller from their Helm chart: no etcd, the controller gives APISIX its routes through
 * the Admin API. Returns the objects that routes depend on.
 */
export function installApisix(
    name: string,
    ingressClassName: string,
    args: ApisixInstallArgs,
    child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    const place = new k8s.core.v1.Namespace(
        `${name}-apisix`,
        { metadata: { name: args.namespace ?? apisixDefaults.namespace } },
        child,
    );
    const namespace = place.metadata.name;
    const key = (role: string) =>
        new random.RandomPassword(`${name}-${role}-key`, { length: 40, special: false }, child);
    const keys = new k8s.core.v1.Secret(
        `${name}-admin-keys`,
        {
            metadata: { namespace },
            stringData: { admin: key("admin").result, viewer: key("viewer").result },
        },
        child,
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
        `${name}-apisix-network`,
        { metadata: { namespace }, spec: buildPolicySpec() },
        child,
    );
    const { repository: repo, chartVersion: version } = { ...apisixDefaults.install, ...args };
    const chart = new k8s.helm.v3.Release(
        `${name}-chart`,
        {
            name: release,
            namespace,
            chart: "apisix",
            version,
            repositoryOpts: { repo },
            valueYamlFiles: buildChartValues(ingressClassName, args).map(
                (text) => new pulumi.asset.StringAsset(text),
            ),
            values: {
                apisix: { admin: { credentials: { secretName: keys.metadata.name } } },
                "ingress-controller": { apisix: { adminService: { namespace } } },
            },
        },
        { ...child, dependsOn: policy },
    );
    const installed = { ...child, dependsOn: chart };
    const proxy = new k8s.apiextensions.CustomResource(
        `${name}-proxy`,
        {
            apiVersion: "apisix.apache.org/v1alpha1",
            kind: "GatewayProxy",
            metadata: { namespace },
            spec: buildProxySpec(keys.metadata.name),
        },
        installed,
    );
    const ingressClass = new k8s.networking.v1.IngressClass(
        `${name}-class`,
        {
            metadata: { name: ingressClassName },
            spec: {
                controller: "apisix.apache.org/apisix-ingress-controller",
                parameters: {
                    apiGroup: "apisix.apache.org",
                    kind: "GatewayProxy",
                    name: proxy.metadata.name,
                    namespace,
                    scope: "Namespace",
                },
            },
        },
        installed,
    );
    return [chart, proxy, ingressClass];
}

/** Files with values of the chart: later ones win, key by key. */
export function buildChartValues(
    ingressClass: string,
    { serviceType = apisixDefaults.install.serviceType, valuesYaml = "{}" }: ApisixInstallArgs,
): string[] {
    const values = {
        etcd: { enabled: false },
        service: { type: serviceType },
        apisix: {
            ssl: { enabled: true },
            deployment: { role: "traditional", role_traditional: { config_provider: "yaml" } },
            // Guarded by its key and by a NetworkPolicy: the controller comes from a pod, not from the loopback.
            admin: { allow: { ipList: ["0.0.0.0/0"] } },
        },
        "ingress-controller": {
            enabled: true,
            config: {
                provider: { type: "apisix-standalone" },
                kubernetes: { ingressClass },
            },
            gatewayProxy: { createDefault: false },
        },
    };
    return [JSON.stringify(values), valuesYaml];
}

function buildProxySpec(keysName: pulumi.Input<string>) {
    return {
        provider: {
            type: "ControlPlane",
            controlPlane: {
                mode: "apisix-standalone",
                service: { name: `${release}-admin`, port: adminPort },
                auth: {
                    type: "AdminKey",
                    adminKey: { valueFrom: { secretKeyRef: { name: keysName, key: "admin" } } },
                },
            },
        },
        plugins: [{ name: "prometheus", enabled: true, config: { prefer_name: true } }],
    };
}

/** Everybody may reach the proxy and its metrics; the Admin API, only pods of the same namespace. */
function buildPolicySpec(): k8s.types.input.networking.v1.NetworkPolicySpec {
    const tcp = (port: number) => ({ protocol: "TCP", port });
    return {
        podSelector: { matchLabels: apisixDefaults.podLabels },
        policyTypes: ["Ingress"],
        ingress: [
            { ports: [9080, 9443, 9091].map(tcp) },
            { from: [{ podSelector: {} }], ports: [tcp(adminPort)] },
        ],
    };
}
