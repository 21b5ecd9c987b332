import type { Isolation } from "./bridge/args.ts";
import type { Sessions, Transport } from "./deployment/settings.ts";

/** Values of server arguments that are left out. */
export const serverDefaults = {
    createNamespace: true,
    transport: "http" as Transport,
    port: 8000,
    mcpPath: "/mcp",
    /** Public path of a server. */
    prefix: (name: string) => `/${name}`,
    stripPrefix: true,
    /** Scopes that tokens for a server must carry. */
    scopes: (name: string) => [`mcp:${name}`],
    replicas: { min: 1, max: 3 },
    scaling: { cpuPercent: 70, memoryPercent: 80, scaleDownSeconds: 300 },
    resources: {
        requests: { cpu: "100m", memory: "256Mi" },
        limits: { cpu: "1", memory: "512Mi" },
    },
    sessions: "stateless" as Sessions,
    longestCallSeconds: 300,
    drainSeconds: 15,
    volumeMebibytes: 256,
    /** High enough for busy clients; they stop runaway ones. */
    limits: { requestsPerSecond: 1000, burst: 2000, bodyMebibytes: 4 },
    /** A page has no token unless its user gave it one. */
    cors: { origins: ["*"] },
};

/** Values of bridge settings that are left out; the bridge image has the same defaults, besides `rest`. */
export const bridgeDefaults = {
    isolation: "auto" as Isolation,
    sessions: { idleSeconds: 1800, lifetimeSeconds: 86_400, max: 10_000 },
    processes: { max: 32, warm: 1 },
    calls: { max: 1000, maxPerCaller: 256 },
    rest: false,
    checkArguments: false,
};
