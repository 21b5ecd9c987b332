import type * as pulumi from "@pulumi/pulumi";

/** How a server speaks MCP. */
export const Transport = {
    /** Over HTTP itself. */
    http: "http",
    /** Over stdio, behind the bridge. */
    stdio: "stdio",
} as const;

export type Transport = (typeof Transport)[keyof typeof Transport];

/** Where sessions are kept. */
export const Sessions = {
    /** Nowhere. */
    stateless: "stateless",
    /** In the memory of one pod. */
    stateful: "stateful",
} as const;

export type Sessions = (typeof Sessions)[keyof typeof Sessions];

/** Bounds of the autoscaler. */
export interface ReplicaRange {
    /** Pods that always run, at least one. */
    min: pulumi.Input<number>;
    /** Pods that run at most. */
    max: pulumi.Input<number>;
}

/** Resource whose use the autoscaler measures. */
export const ScalingMetric = {
    /** CPU time. */
    cpu: "cpu",
    /** Memory. */
    memory: "memory",
} as const;

export type ScalingMetric = (typeof ScalingMetric)[keyof typeof ScalingMetric];

/** Targets of the autoscaler. */
export interface ScalingArgs {
    /**
     * Resources that the autoscaler measures; it follows the one that requires more pods. A server whose memory does not
     * follow its load is scaled on `["cpu"]`.
     *
     * @default `serverDefaults.scaling.metrics`
     */
    metrics?: ScalingMetric[];
    /**
     * Mean CPU use, in percent of the request.
     *
     * @default `serverDefaults.scaling.cpuPercent`
     */
    cpuPercent?: pulumi.Input<number>;
    /**
     * Mean memory use, in percent of the request.
     *
     * @default `serverDefaults.scaling.memoryPercent`
     */
    memoryPercent?: pulumi.Input<number>;
    /**
     * How long load must stay low before pods are removed, in seconds.
     *
     * @default `serverDefaults.scaling.scaleDownSeconds`
     */
    scaleDownSeconds?: pulumi.Input<number>;
}

/** Destination that a server may reach: IP addresses, or pods of the cluster. */
export interface EgressRule {
    /** Addresses, such as `203.0.113.0/24`; `0.0.0.0/0` is every address. */
    cidr?: pulumi.Input<string>;
    /** Parts of `cidr` that stay forbidden. */
    except?: string[];
    /** Namespace of the pods. Without `cidr` and `namespace`: that of the server. */
    namespace?: pulumi.Input<string>;
    /** Labels of the pods. */
    pods?: Record<string, string>;
    /** TCP ports of the pods or hosts themselves, which may differ from those of a Service; all when left out. */
    ports?: number[];
}

/** Pods that may reach a server's port without passing the gateway, such as Prometheus. */
export interface IngressRule {
    /** Namespace of the pods. Without it: that of the server. */
    namespace?: pulumi.Input<string>;
    /** Labels of the pods. Without them: every pod of the namespace. */
    pods?: Record<string, string>;
}

/** A writable directory of a server: lost with the pod, or kept by an existing claim. */
export interface VolumeArgs {
    /** Absolute path inside the container. */
    mountPath: string;
    /**
     * Largest size of a directory that is lost with the pod, in mebibytes.
     *
     * @default `serverDefaults.volumeMebibytes`
     */
    mebibytes?: pulumi.Input<number>;
    /** Name of a PersistentVolumeClaim of the namespace whose content is kept. */
    claim?: pulumi.Input<string>;
    /**
     * Whether several pods may mount the claim at the same time: its access mode is `ReadWriteMany` or `ReadOnlyMany`, and
     * the server copes with other writers. Otherwise the server has one pod, which stops before its successor starts.
     *
     * @default false
     */
    shared?: boolean;
}

/** Source of an environment variable: an entry of an existing Secret or ConfigMap of the namespace. */
export interface VariableSource {
    /** Name of the Secret. Either this or `configMap`. */
    secret?: pulumi.Input<string>;
    /** Name of the ConfigMap. */
    configMap?: pulumi.Input<string>;
    /**
     * Entry with the value.
     *
     * @default the name of the variable
     */
    key?: string;
}

/** Files of an existing Secret or ConfigMap of the namespace, one per entry; they are replaced when it changes. */
export interface FilesArgs {
    /** Absolute path of the directory inside the container. */
    mountPath: string;
    /** Name of the Secret. Either this or `configMap`. */
    secret?: pulumi.Input<string>;
    /** Name of the ConfigMap. */
    configMap?: pulumi.Input<string>;
    /**
     * Entries to mount.
     *
     * @default all
     */
    keys?: string[];
}
