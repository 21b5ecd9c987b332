import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { refuseInvalidArgs } from "./invalidArgs.ts";
import { selectorLabels } from "./labels.ts";
import { buildDeploymentSpec } from "./serverDeployment/deploymentSpec.ts";
import { buildEnvironment } from "./serverDeployment/environment.ts";
import { buildServiceSpec, serviceHost } from "./serverDeployment/services.ts";
import { buildDisruptionSpec } from "./serverDeployment/disruptions.ts";
import { type BridgeArgs, bridgeHealth, buildBridgedCommand } from "./serverDeployment/bridge.ts";
import { buildServerPolicy, type EgressRule } from "./serverDeployment/networkPolicy.ts";
import { buildServerPod, type ResourcesArgs } from "./serverDeployment/podSpec.ts";
import {
    buildScalingSpec,
    defaultReplicas,
    type ReplicaRange,
    type ScalingArgs,
} from "./serverDeployment/scaling.ts";
import {
    findServerProblems,
    type Isolation,
    type Sessions,
} from "./serverDeployment/serverRules.ts";
import type { VolumeArgs } from "./serverDeployment/volumes.ts";

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
     * @default "shared"
     */
    isolation?: Isolation;
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

/** Pods of one server: locked down, autoscaled, spread, and replaced without losing a call. */
export class ServerDeployment extends pulumi.ComponentResource {
    /** Name of the Service in front of the pods: the name of this component, so that others can write it down. */
    public readonly serviceName: pulumi.Output<string>;
    /** DNS name that lists every ready pod, for a gateway that balances by itself. */
    public readonly podsHost: pulumi.Output<string>;

    constructor(name: string, args: ServerDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, image, replicas = defaultReplicas, port = 8000 } = args;
        super("slipway:index:ServerDeployment", name, { namespace, image, replicas, port }, opts);
        const transport = args.bridge === undefined ? "http" : "stdio";
        refuseInvalidArgs(this, findServerProblems({ ...args, transport }));
        const child = { parent: this };
        const labels = selectorLabels("server", name);
        const metadata = { namespace, labels };

        const callers = (args.callers ?? []).map((caller) => selectorLabels("server", caller));
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildServerPolicy(labels, port, callers, args.egress ?? []) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const secretName = createSecret(this, name, args);
        const podSpec = buildPodSpec(name, args, account.metadata.name, secretName);
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-pods`,
            { metadata, spec: buildDeploymentSpec(labels, podSpec, args.sessions) },
            // Pods never run without their policy.
            { parent: this, dependsOn: policy },
        );
        new k8s.autoscaling.v2.HorizontalPodAutoscaler(
            `${name}-autoscaler`,
            { metadata, spec: buildScalingSpec(deployment.metadata.name, replicas, args.scaling) },
            child,
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-disruptions`,
            { metadata, spec: buildDisruptionSpec(labels) },
            child,
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            { metadata: { ...metadata, name }, spec: buildServiceSpec(labels, port) },
            child,
        );
        const pods = new k8s.core.v1.Service(
            `${name}-addresses`,
            { metadata, spec: { ...buildServiceSpec(labels, port), clusterIP: "None" } },
            child,
        );

        this.serviceName = service.metadata.name;
        this.podsHost = serviceHost(pods.metadata.name, namespace);
        this.registerOutputs({ serviceName: this.serviceName, podsHost: this.podsHost });
    }
}

function createSecret(
    parent: ServerDeployment,
    name: string,
    { namespace, secrets = {} }: ServerDeploymentArgs,
): pulumi.Output<string> | undefined {
    if (Object.keys(secrets).length === 0) {
        return undefined;
    }
    const secretArgs = { metadata: { namespace }, stringData: pulumi.secret(secrets) };
    return new k8s.core.v1.Secret(`${name}-secrets`, secretArgs, { parent }).metadata.name;
}

function buildPodSpec(
    name: string,
    args: ServerDeploymentArgs,
    serviceAccountName: pulumi.Input<string>,
    secretName: pulumi.Input<string> | undefined,
): k8s.types.input.core.v1.PodSpec {
    const { bridge, command, healthPath, port = 8000, longestCallSeconds = 300 } = args;
    const health = healthPath === undefined ? undefined : { live: healthPath, ready: healthPath };
    return buildServerPod({
        labels: selectorLabels("server", name),
        image: args.image,
        command: bridge === undefined ? command : buildBridgedCommand(command ?? []),
        port,
        environment: buildEnvironment(name, args, secretName),
        health: bridge === undefined ? health : bridgeHealth,
        resources: args.resources ?? {},
        volumes: args.volumes ?? [],
        runAsUser: args.runAsUser,
        drainSeconds: args.drainSeconds ?? 15,
        longestCallSeconds,
        serviceAccountName,
        pullSecretName: args.pullSecretName,
        bridge,
    });
}
