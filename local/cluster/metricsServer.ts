import { buildAddon } from "./addonDeployment.ts";

export const metricsServerImage = "slipway.local/metrics-server:0.9.0";

const name = "metrics-server";
const metadata = { name, namespace: "kube-system" };
const account = { kind: "ServiceAccount", ...metadata };
const rbac = "rbac.authorization.k8s.io";

/** Builds metrics-server and its aggregated API, with mutual TLS by the cluster's authority. */
export function buildMetricsManifest(pem: {
    authority: string;
    certificate: string;
    key: string;
}): object[] {
    return [
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        {
            apiVersion: `${rbac}/v1`,
            kind: "ClusterRole",
            metadata: { name: "system:metrics-server" },
            rules: [
                { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
                {
                    apiGroups: [""],
                    resources: ["pods", "nodes"],
                    verbs: ["get", "list", "watch"],
                },
            ],
        },
        {
            apiVersion: `${rbac}/v1`,
            kind: "ClusterRole",
            metadata: {
                name: "system:aggregated-metrics-reader",
                labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" },
            },
            rules: [
                {
                    apiGroups: ["metrics.k8s.io"],
                    resources: ["pods", "nodes"],
                    verbs: ["get", "list", "watch"],
                },
            ],
        },
        bindCluster("system:metrics-server", "system:metrics-server"),
        bindCluster("metrics-server:system:auth-delegator", "system:auth-delegator"),
        {
            apiVersion: `${rbac}/v1`,
            kind: "RoleBinding",
            metadata: { name: "metrics-server-auth-reader", namespace: "kube-system" },
            roleRef: {
                apiGroup: rbac,
                kind: "Role",
                name: "extension-apiserver-authentication-reader",
            },
            subjects: [account],
        },
        {
            apiVersion: "v1",
            kind: "Secret",
            metadata,
            type: "kubernetes.io/tls",
            stringData: {
                "ca.crt": pem.authority,
                "tls.crt": pem.certificate,
                "tls.key": pem.key,
            },
        },
        buildAddon({
            name,
            image: metricsServerImage,
            args: [
                "--secure-port=10250",
                "--tls-cert-file=/tls/tls.crt",
                "--tls-private-key-file=/tls/tls.key",
                "--kubelet-certificate-authority=/tls/ca.crt",
                "--kubelet-preferred-address-types=InternalIP",
                "--metric-resolution=10s",
                // Must be shorter than `--metric-resolution`.
                "--kubelet-request-timeout=5s",
            ],
            capabilities: [],
            dnsPolicy: "ClusterFirst",
            probe: { path: "/readyz", port: 10250, scheme: "HTTPS" },
            volume: { mountPath: "/tls", source: { secret: { secretName: name } } },
            settings: pem.authority + pem.certificate,
        }),
        {
            apiVersion: "v1",
            kind: "Service",
            metadata,
            spec: {
                selector: { "app.kubernetes.io/name": name },
                ports: [{ name: "https", port: 443, targetPort: 10250 }],
            },
        },
        {
            apiVersion: "apiregistration.k8s.io/v1",
            kind: "APIService",
            metadata: { name: "v1beta1.metrics.k8s.io" },
            spec: {
                service: metadata,
                group: "metrics.k8s.io",
                version: "v1beta1",
                caBundle: Buffer.from(pem.authority).toString("base64"),
                groupPriorityMinimum: 100,
                versionPriority: 100,
            },
        },
    ];
}

function bindCluster(bindingName: string, role: string): object {
    return {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: bindingName },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
        subjects: [account],
    };
}
