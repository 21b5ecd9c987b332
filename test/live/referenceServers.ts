/** Name of the pod that speaks Brave's API, and of its Service. */
export const braveApiName = "brave-api";
/** The key that it accepts. */
export const braveApiKey = "test-key";

/** Small, because they run beside a stack under load. */
const small = {
    replicas: { min: 1, max: 1 },
    resources: { requests: { cpu: "10m", memory: "128Mi" } },
};

/** The project's servers that the dev stack does not have, as entries of a stack in a namespace. */
export const referenceServers = (namespace: string) => [
    {
        name: "greet",
        source: { build: "images/greeter" },
        healthPath: "/health",
        sessions: "stateless",
        ...small,
        // Two servers and a REST API in one process.
        prefix: "/greeter",
        mcpPath: "/greet/mcp",
        mounts: [
            {
                name: "bye",
                stripPrefix: false,
                probe: { tool: "echoBye", args: { userName: "Ada" }, expect: "Bye, Ada!" },
            },
        ],
        paths: ["/math"],
        openPaths: ["/docs", "/redoc", "/openapi.json"],
        probe: { tool: "echoHai", args: { userName: "Ada" }, expect: "Hello, Ada!" },
    },
    {
        name: "task-orchestrator",
        source: { build: "images/task-orchestrator" },
        healthPath: "/health",
        // Clients subscribe to resources in sessions, and the tasks are in one file.
        sessions: "stateful",
        resources: small.resources,
        volumes: [{ mountPath: "/data", mebibytes: 64 }],
        probe: { tool: "get_next_task", expect: "task" },
    },
    {
        name: "brave-search",
        source: { build: "images/brave-search" },
        transport: "stdio",
        command: ["brave-search-mcp-server"],
        isolation: "shared",
        ...small,
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
    },
];
