import { buildAddon } from "./addonDeployment.ts";

export const coreDnsImage = "slipway.local/coredns:1.15.0";

const corefile = `.:53 {
    errors
    health :8080
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        ttl 5
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
}
`;

/** Builds CoreDNS, the cluster's DNS server, at `address`. */
export function buildDnsManifest(address: string): object[] {
    const name = "coredns";
    const metadata = { name, namespace: "kube-system" };
    const labels = { "app.kubernetes.io/name": name };
    return [
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata: { name: "system:coredns" },
            rules: [
                {
                    apiGroups: [""],
                    resources: ["services", "pods", "namespaces"],
                    verbs: ["list", "watch"],
                },
                {
                    apiGroups: ["discovery.k8s.io"],
                    resources: ["endpointslices"],
                    verbs: ["list", "watch"],
                },
            ],
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: "system:coredns" },
            roleRef: {
                apiGroup: "rbac.authorization.k8s.io",
                kind: "ClusterRole",
                name: "system:coredns",
            },
            subjects: [{ kind: "ServiceAccount", ...metadata }],
        },
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
        buildAddon({
            name,
            image: coreDnsImage,
            args: ["-conf", "/etc/coredns/Corefile"],
            capabilities: ["NET_BIND_SERVICE"],
            dnsPolicy: "Default",
            probe: { path: "/ready", port: 8181, scheme: "HTTP" },
            volume: { mountPath: "/etc/coredns", source: { configMap: { name } } },
            settings: corefile,
        }),
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "kube-dns", namespace: "kube-system" },
            spec: {
                clusterIP: address,
                selector: labels,
                ports: [
                    { name: "dns", port: 53, protocol: "UDP" },
                    { name: "dns-tcp", port: 53, protocol: "TCP" },
                ],
            },
        },
    ];
}
