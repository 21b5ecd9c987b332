import type * as pulumi from "@pulumi/pulumi";

import type { ClusterDns, PodSelector } from "../../pods/network.ts";
import type { ResourcesArgs } from "../../pods/resources.ts";
import type { SchedulingArgs } from "../../pods/scheduling.ts";
import type { BridgeArgs, Isolation, ToolRules } from "../bridge/args.ts";
import type {
    EgressRule,
    FilesArgs,
    IngressRule,
    ReplicaRange,
    ScalingArgs,
    Sessions,
    VariableSource,
    VolumeArgs,
} from "./settings.ts";

/** How a server's pods run, whether they are deployed alone or as part of an `McpServer`. */
export interface CommonServerArgs extends ClusterDns, SchedulingArgs {
    /** Namespace of every object of this server. */
    namespace: pulumi.Input<string>;
    /** Image to run, pinned by digest or version so that every pod runs the same code. */
    image: pulumi.Input<string>;
    /** Pods of the gateway, which the network policy admits; the gateway's dialect defines them. */
    gatewayPods: PodSelector;
    /**
     * Program and arguments.
     *
     * @default those of the image
     */
    command?: string[];
    /**
     * Port of the server, above 1023 as it does not run as root; passed to the program as `PORT`.
     *
     * @default `serverDefaults.port`
     */
    port?: number;
    /**
     * Path of the MCP endpoint inside the server.
     *
     * @default `serverDefaults.mcpPath`
     */
    mcpPath?: string;
    /**
     * Path of the health check, which answers 2xx.
     *
     * @default none; probes connect to the port (the bridge has health checks of its own)
     */
    healthPath?: string;
    /**
     * Environment variables.
     *
     * @default {}
     */
    env?: Record<string, pulumi.Input<string>>;
    /**
     * Environment variables with secret values, which reach the pod through a Secret.
     *
     * @default {}
     */
    secrets?: Record<string, pulumi.Input<string>>;
    /**
     * Environment variables from existing Secrets and ConfigMaps, by name.
     *
     * @default {}
     */
    envFrom?: Record<string, VariableSource>;
    /**
     * Bounds of the autoscaler.
     *
     * @default `serverDefaults.singleReplica` for an HTTP server that is not `stateless`, as its sessions may live in one
     * pod, and for a server with a claim that is not `shared`; else `serverDefaults.replicas`
     */
    replicas?: ReplicaRange;
    /**
     * Targets of the autoscaler.
     *
     * @default `serverDefaults.scaling`
     */
    scaling?: ScalingArgs;
    /**
     * CPU and memory of each pod.
     *
     * @default `serverDefaults.resources`
     */
    resources?: ResourcesArgs;
    /**
     * Whether sessions live in the memory of one pod. A `stateful` server has one pod, which stops before its successor
     * starts; a `stateless` one answers every request in any pod. The bridge forwards the sessions of a stdio server.
     *
     * @default unknown: an HTTP server has one pod unless `replicas` says otherwise
     */
    sessions?: Sessions;
    /**
     * Which calls share a process of a stdio server.
     *
     * @default `bridgeDefaults.isolation`
     */
    isolation?: Isolation;
    /**
     * Tools of a stdio server that callers may use, and the scopes they require.
     *
     * @default all tools, without further scopes
     */
    tools?: ToolRules;
    /**
     * Longest duration of one call, in seconds; a pod that is told to stop may finish its calls within this time.
     *
     * @default `serverDefaults.longestCallSeconds`
     */
    longestCallSeconds?: number;
    /**
     * How long a pod keeps serving after it left the Service, in seconds: the time in which gateways notice.
     *
     * @default `serverDefaults.drainSeconds`
     */
    drainSeconds?: number;
    /**
     * Destinations that the server may reach besides DNS.
     *
     * @default []
     */
    egress?: EgressRule[];
    /**
     * Pods besides the gateway that may reach the port, such as Prometheus. They are trusted: the identity headers they
     * send are not verified.
     *
     * @default []
     */
    ingress?: IngressRule[];
    /**
     * Other servers of the namespace that may call this one directly, by name.
     *
     * @default []
     */
    callers?: string[];
    /**
     * Writable directories besides `/tmp`.
     *
     * @default []
     */
    volumes?: VolumeArgs[];
    /**
     * Files from existing Secrets and ConfigMaps.
     *
     * @default []
     */
    files?: FilesArgs[];
    /**
     * Annotations of the pods, such as those of a log collector.
     *
     * @default {}; those of Prometheus with a bridge
     */
    podAnnotations?: Record<string, pulumi.Input<string>>;
    /**
     * Labels of the pods besides those that select them.
     *
     * @default {}
     */
    podLabels?: Record<string, pulumi.Input<string>>;
    /**
     * Annotations of the ServiceAccount, with which clouds grant the pods an identity: `eks.amazonaws.com/role-arn`,
     * `iam.gke.io/gcp-service-account`, `azure.workload.identity/client-id`.
     *
     * @default {}
     */
    serviceAccountAnnotations?: Record<string, pulumi.Input<string>>;
    /**
     * Numeric user id, for an image whose user is a name or root.
     *
     * @default that of the image
     */
    runAsUser?: pulumi.Input<number>;
    /**
     * Secret with which nodes pull the image.
     *
     * @default none
     */
    pullSecretName?: pulumi.Input<string>;
}

export interface ServerDeploymentArgs extends CommonServerArgs {
    /**
     * Bridge that serves a stdio server over HTTP; requires `command`.
     *
     * @default none; the image speaks HTTP
     */
    bridge?: BridgeArgs;
    /**
     * Host names that requests may carry besides those of the Service.
     *
     * @default []
     */
    allowedHosts?: string[];
    /**
     * Origins of browser pages that may call a bridged server; `*` for any. An HTTP server has its own rule.
     *
     * @default []
     */
    allowedOrigins?: string[];
}
