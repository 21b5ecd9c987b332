import type { Isolation, ServerLog } from "./bridge/args.ts";
import { ScalingMetric, type Transport } from "./deployment/settings.ts";

/** Values of server arguments that are left out. */
export const serverDefaults = {
    createNamespace: true,
    /** `protect` of the namespace. */
    protect: true,
    transport: "http" as Transport,
    port: 8000,
    mcpPath: "/mcp",
    /** Public path of a server. */
    prefix: (name: string) => `/${name}`,
    stripPrefix: true,
    /** Scopes that tokens for a server must carry. */
    scopes: (name: string) => [`mcp:${name}`],
    /** Bounds of a server that loses nothing with a second pod. */
    replicas: { min: 1, max: 3 },
    /** Bounds of a server whose sessions or files belong to one pod, or may. */
    singleReplica: { min: 1, max: 1 },
    scaling: {
        metrics: [ScalingMetric.cpu, ScalingMetric.memory] as ScalingMetric[],
        cpuPercent: 70,
        memoryPercent: 80,
        scaleDownSeconds: 300,
    },
    resources: {
        requests: { cpu: "100m", memory: "256Mi" },
        limits: { cpu: "1", memory: "512Mi" },
    },
    checkRevocation: false,
    certificateBound: false,
    longestCallSeconds: 300,
    drainSeconds: 15,
    volumeMebibytes: 256,
    /** Variable `HOME`: the root file system is read-only, and Node and browsers write below it. */
    home: "/tmp",
    /** High enough for busy clients; they stop runaway ones. */
    limits: { requestsPerSecond: 1000, burst: 2000, bodyMebibytes: 4 },
    /** A page has no token unless its user gave it one. */
    cors: { origins: ["*"] },
};

/** Memory of a pod with a bridge, in mebibytes. */
export const bridgeMemory = {
    /** The bridge itself: 88 MB after 100,000 calls (bench/results/bridge.json, cell `life`), rounded up. */
    bridge: 96,
    /**
     * `bridge.processes.mebibytes`. Measured as the proportional set size of eight idle processes after `tools/list`: 58
     * MiB for mcp-server-fetch on Python 3.11, 32 to 38 MiB for the reference servers on Node 24.
     */
    process: 64,
};

/** Values of bridge settings that are left out; the bridge image has the same defaults, besides `rest`. */
export const bridgeDefaults = {
    isolation: "auto" as Isolation,
    sessions: { idleSeconds: 1800, lifetimeSeconds: 86_400, max: 10_000 },
    processes: {
        /** Never more, however much memory a pod has. */
        max: 32,
        warm: 1,
    },
    calls: { max: 1000, maxPerCaller: 256 },
    serverLog: "start" as ServerLog,
    rest: false,
    checkArguments: false,
};
