import * as z from "zod";

const egressRule = z.strictObject({
    /** Addresses with a mask; `0.0.0.0/0` is everything. Either this, or `namespace` and `pods`. */
    cidr: z.string().optional(),
    /** Parts of `cidr` that stay closed. */
    except: z.array(z.string()).optional(),
    /** Namespace of the pods; the servers' own when left out. */
    namespace: z.string().optional(),
    /** Labels of the pods. */
    pods: z.record(z.string(), z.string()).optional(),
    /** TCP ports; all when left out. */
    ports: z.array(z.int()).optional(),
});

const volume = z.strictObject({
    /** Absolute path inside the container. */
    mountPath: z.string(),
    /** Largest content of a directory that is lost with the pod, in mebibytes; 256 when left out. */
    mebibytes: z.int().positive().optional(),
    /** Existing PersistentVolumeClaim whose content is kept, instead. */
    claim: z.string().optional(),
});

const ingressRule = z.strictObject({
    /** Namespace of the pods; the servers' own when left out. */
    namespace: z.string().optional(),
    /** Labels of the pods; every pod of the namespace when left out. */
    pods: z.record(z.string(), z.string()).optional(),
});

const tools = z.strictObject({
    /** Tools that exist for callers, `*` for any text; all when left out. */
    allow: z.array(z.string()).optional(),
    /** Scopes that a call of a tool needs besides the server's, by tool. */
    scopes: z.record(z.string(), z.array(z.string())).optional(),
    /** Whether arguments that do not match a tool's schema are refused; false when left out. */
    checkArguments: z.boolean().optional(),
});

const bridge = z.strictObject({
    /** Sessions of one pod: 1800 seconds idle, 86400 seconds at most, 10000 at once when left out. */
    sessions: z
        .strictObject({
            idleSeconds: z.number().optional(),
            lifetimeSeconds: z.number().optional(),
            max: z.number().optional(),
        })
        .optional(),
    /** Processes of one pod: 32 at most, 1 kept ready when left out. */
    processes: z
        .strictObject({ max: z.number().optional(), warm: z.number().optional() })
        .optional(),
    /** Calls of one pod at once: 1000, of one caller 256 when left out. */
    calls: z
        .strictObject({ max: z.number().optional(), maxPerCaller: z.number().optional() })
        .optional(),
    /** Variables that the image itself sets and the server needs; the usual ones alone when left out. */
    imageVariables: z.array(z.string()).optional(),
    /** Whether tools are public as REST as well; false when left out. */
    rest: z.boolean().optional(),
});

const quantities = z.strictObject({ cpu: z.string().optional(), memory: z.string().optional() });

const source = z.union(
    [z.strictObject({ build: z.string() }), z.strictObject({ image: z.string() })],
    { error: "must be either { build: <directory> } or { image: <reference> }" },
);

/** One entry of `slipway:servers`. Defaults are the components'. */
export const serverSettings = z.strictObject({
    /** Name of the server: its Service, its scope `mcp:<name>` and, by default, its path. */
    name: z.string(),
    /** Directory to build, or image with a version tag or digest. */
    source,
    /** How it speaks MCP: `http` (default), or `stdio` behind the bridge. */
    transport: z.enum(["http", "stdio"]).optional(),
    /** Program and arguments; needed for `stdio`, else the image's own. */
    command: z.array(z.string()).optional(),
    /** Port it listens on; 8000 when left out. */
    port: z.int().optional(),
    /** Path of its MCP endpoint; `/mcp` when left out. */
    mcpPath: z.string().optional(),
    /** Path that answers 2xx while it is well; an open port has to do when left out. */
    healthPath: z.string().optional(),
    /** Public path; `/<name>` when left out. */
    prefix: z.string().optional(),
    /** Whether the server sees its paths without the prefix; true when left out. */
    stripPrefix: z.boolean().optional(),
    /** Variables of the program. */
    env: z.record(z.string(), z.string()).optional(),
    /** Secret variables, each with the configuration key that holds its value. */
    secrets: z.record(z.string(), z.string()).optional(),
    /** Bounds of the autoscaler; 1 to 3 when left out. */
    replicas: z.strictObject({ min: z.number(), max: z.number() }).optional(),
    /** What the autoscaler steers by; CPU at 70 % and memory at 80 % when left out. */
    scaling: z
        .strictObject({
            cpuPercent: z.number().optional(),
            memoryPercent: z.number().optional(),
            scaleDownSeconds: z.number().optional(),
        })
        .optional(),
    /** Share of a node; requests of 100m and 256Mi, limits of 1 and 512Mi when left out. */
    resources: z
        .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
        .optional(),
    /** Whether sessions live in one pod's memory; `stateless` when left out. */
    sessions: z.enum(["stateless", "stateful"]).optional(),
    /** Who shares one process of a stdio server; `auto` when left out. */
    isolation: z.enum(["auto", "shared", "session", "principal", "request"]).optional(),
    /** Which tools of a stdio server callers have; all when left out. */
    tools: tools.optional(),
    /** How the bridge serves a stdio server. */
    bridge: bridge.optional(),
    /** Longest time one call may take, in seconds; 300 when left out. */
    longestCallSeconds: z.number().optional(),
    /** Scopes a token must carry; `mcp:<name>` when left out. */
    scopes: z.array(z.string()).optional(),
    /** What one caller may ask for: calls a second, burst, body size. */
    limits: z
        .strictObject({
            requestsPerSecond: z.number().optional(),
            burst: z.number().optional(),
            bodyMebibytes: z.number().optional(),
        })
        .optional(),
    /** Browser pages that may call it; any when left out. */
    cors: z.strictObject({ origins: z.array(z.string()) }).optional(),
    /** What it may reach besides DNS; nothing when left out. */
    egress: z.array(egressRule).optional(),
    /** Pods besides the gateway that may reach it directly, such as Prometheus; none when left out. */
    ingress: z.array(ingressRule).optional(),
    /** Other servers that may call it directly; none when left out. */
    callers: z.array(z.string()).optional(),
    /** Writable directories besides `/tmp`. */
    volumes: z.array(volume).optional(),
    /** Numeric user, for an image that names its user by a word or runs as root. */
    runAsUser: z.int().positive().optional(),
    /** A call that shows the server works: `npm run verify` makes it. */
    probe: z
        .strictObject({
            tool: z.string(),
            args: z.record(z.string(), z.json()).optional(),
            /** Text that the answer must contain. */
            expect: z.string(),
        })
        .optional(),
});

export type ServerSettings = z.infer<typeof serverSettings>;
