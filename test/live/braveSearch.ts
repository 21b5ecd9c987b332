/** Name of the pod that speaks Brave's API, and of its Service. */
export const braveApiName = "brave-api";
/** The key that it accepts. */
export const braveApiKey = "test-key";

/** The project's server that the dev stack does not have, because it needs a key: its entry for a stack in a namespace. */
export const braveSearch = (namespace: string) => ({
    name: "brave-search",
    source: { build: "images/brave-search" },
    transport: "stdio",
    command: ["brave-search-mcp-server"],
    isolation: "shared",
    // Small, because it runs beside a stack under load.
    replicas: { min: 1, max: 1 },
    resources: { requests: { cpu: "10m", memory: "128Mi" } },
    // Led to a pod of the namespace instead of to Brave: through a proxy, and with the cluster's authority.
    env: {
        BRAVE_API_KEY: braveApiKey,
        HTTPS_PROXY: `http://${braveApiName}.${namespace}.svc.cluster.local:8000`,
        NODE_USE_ENV_PROXY: "1",
        NODE_EXTRA_CA_CERTS: "/etc/cluster/ca.crt",
    },
    files: [{ mountPath: "/etc/cluster", configMap: "kube-root-ca.crt" }],
    bridge: { rest: true },
    egress: [{ cidr: "0.0.0.0/0", ports: [443] }],
});
