import type * as pulumi from "@pulumi/pulumi";

import type { BridgeArgs } from "../bridge/container.ts";
import type { ToolRules } from "../bridge/args.ts";
import type { EgressRule, IngressRule } from "./networkPolicy.ts";
import type { ResourcesArgs } from "./podSpec.ts";
import type { ReplicaRange, ScalingArgs } from "./scaling.ts";
import type { Isolation, Sessions } from "./rules.ts";
import type { VolumeArgs } from "./volumes.ts";

/** What a server's pods are made of, and how they are run. */
export interface ServerDeploymentArgs {
    /** Namespace that receives every object of this server. */
    namespace: pulumi.Input<string>;
    /** Image to run, pinned by digest so that every pod runs the same code. */
    image: pulumi.Input<string>;
    /**
     * Bridge that makes HTTP of a server that speaks stdio; with it, `command` is required.
     *
     * @default none; the image speaks HTTP
     */
    bridge?: BridgeArgs;
    /**
     * Program and arguments instead of the image's own.
     *
     * @default the image's own
     */
    command?: string[];
    /**
     * Port the server listens on, above 1023 as it is not root; the program learns it as `PORT`.
     *
     * @default 8000
     */
    port?: number;
    /**
     * Path of the MCP endpoint inside the server.
     *
     * @default "/mcp"
     */
    mcpPath?: string;
    /**
     * Path that answers 2xx while the server is well.
     *
     * @default none; an open port has to do (the bridge has paths of its own)
     */
    healthPath?: string;
    /**
     * Further hosts that requests may name; the names of the Service are always among them.
     *
     * @default []
     */
    allowedHosts?: string[];
    /**
     * Pages in a browser that may call a bridged server, as origins; `*` for any. A server that speaks HTTP itself has
     * its own rule.
     *
     * @default []
     */
    allowedOrigins?: string[];
    /**
     * Variables of the program.
     *
     * @default {}
     */
    env?: Record<string, pulumi.Input<string>>;
    /**
     * Variables whose values are secret; they reach the pod through a Secret only.
     *
     * @default {}
     */
    secrets?: Record<string, pulumi.Input<string>>;
    /**
     * Bounds of the autoscaler. Plain numbers: they are checked before anything is created.
     *
     * @default { min: 1, max: 3 }
     */
    replicas?: ReplicaRange;
    /**
     * What the autoscaler steers by.
     *
     * @default CPU at 70 % and memory at 80 % of their requests
     */
    scaling?: ScalingArgs;
    /**
     * Share of a node that each pod is promised, and may use at most.
     *
     * @default requests of 100m and 256Mi, limits of 1 and 512Mi
     */
    resources?: ResourcesArgs;
    /**
     * Whether sessions live in the memory of one pod; such a server has one pod, and stops before its successor starts.
     *
     * @default "stateless"
     */
    sessions?: Sessions;
    /**
     * Who shares one process of a stdio server.
     *
     * @default "auto"
     */
    isolation?: Isolation;
    /**
     * Which tools of a stdio server callers have, and what a call of one needs.
     *
     * @default all, for every caller of the server
     */
    tools?: ToolRules;
    /**
     * Longest time one call may take, in seconds; a pod that is told to stop is given this long to finish.
     *
     * @default 300
     */
    longestCallSeconds?: number;
    /**
     * How long a pod keeps serving after it left the Service, in seconds: the time gateways need to notice.
     *
     * @default 15
     */
    drainSeconds?: number;
    /**
     * What the server may reach besides DNS.
     *
     * @default []
     */
    egress?: EgressRule[];
    /**
     * Pods besides the gateway that may reach the port, such as those that read metrics. They are believed: what they say
     * about a caller is not checked.
     *
     * @default []
     */
    ingress?: IngressRule[];
    /**
     * Other servers of the namespace that may call this one directly, by name.
     *
     * @default [], only the gateway
     */
    callers?: string[];
    /**
     * Writable directories besides `/tmp`.
     *
     * @default []
     */
    volumes?: VolumeArgs[];
    /**
     * Numeric user, for an image that names its user by a word or runs as root.
     *
     * @default the image's own
     */
    runAsUser?: number;
    /**
     * Secret that lets nodes pull the image.
     *
     * @default none
     */
    pullSecretName?: pulumi.Input<string>;
}
