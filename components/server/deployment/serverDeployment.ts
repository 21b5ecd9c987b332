import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { selectorLabels } from "../../pods/labels.ts";
import { buildDeploymentSpec } from "./deploymentSpec.ts";
import { buildEnvironment } from "./environment.ts";
import { buildPeersSpec, buildServiceHost, buildServiceSpec } from "../../pods/services.ts";
import { buildDisruptionSpec } from "../../pods/availability.ts";
import { bridgeHealth, buildBridgedCommand, buildMetricsAnnotations } from "../bridge/container.ts";
import { buildServerPolicy } from "./networkPolicy.ts";
import { buildServerPod } from "./podSpec.ts";
import { buildScalingSpec, defaultReplicas } from "./scaling.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import { findServerProblems } from "./rules.ts";
import { createSessionKey } from "../bridge/sessionKey.ts";

/** Pods of one server: locked down, autoscaled, spread, and replaced without losing a call. */
export class ServerDeployment extends pulumi.ComponentResource {
    /** Name of the Service in front of the pods: the name of this component, so that others can write it down. */
    public readonly serviceName: pulumi.Output<string>;
    /** DNS name of that Service. */
    public readonly serviceHost: pulumi.Output<string>;
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

        const bridged = args.bridge !== undefined;
        const rules = {
            callers: (args.callers ?? []).map((caller) => selectorLabels("server", caller)),
            ingress: args.ingress ?? [],
            egress: args.egress ?? [],
            amongPods: bridged,
        };
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildServerPolicy(labels, port, rules) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const podSpec = buildPodSpec(name, args, {
            accountName: account.metadata.name,
            secretName: createSecret(this, name, args),
            peers: bridged ? createPeers(this, name, args) : undefined,
        });
        const annotations = bridged ? buildMetricsAnnotations(port) : undefined;
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-pods`,
            { metadata, spec: buildDeploymentSpec(labels, podSpec, args.sessions, annotations) },
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
        this.serviceHost = buildServiceHost(service.metadata.name, namespace);
        this.podsHost = buildServiceHost(pods.metadata.name, namespace);
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

/** What pods of a bridged server need to hand each other what belongs to another one. */
interface Peers {
    host: pulumi.Output<string>;
    keySecretName: pulumi.Output<string>;
}

function createPeers(
    parent: ServerDeployment,
    name: string,
    { namespace, port = 8000 }: ServerDeploymentArgs,
): Peers {
    const labels = selectorLabels("server", name);
    const service = new k8s.core.v1.Service(
        `${name}-peers`,
        { metadata: { namespace, labels }, spec: buildPeersSpec(labels, port) },
        { parent },
    );
    return {
        host: buildServiceHost(service.metadata.name, namespace),
        keySecretName: createSessionKey(name, namespace, { parent }),
    };
}

/** Names of objects that a pod refers to. */
interface PodReferences {
    accountName: pulumi.Input<string>;
    secretName: pulumi.Input<string> | undefined;
    peers: Peers | undefined;
}

function buildPodSpec(
    name: string,
    args: ServerDeploymentArgs,
    { accountName, secretName, peers }: PodReferences,
): k8s.types.input.core.v1.PodSpec {
    const { bridge, command, healthPath, port = 8000, longestCallSeconds = 300 } = args;
    const health = healthPath === undefined ? undefined : { live: healthPath, ready: healthPath };
    return buildServerPod({
        labels: selectorLabels("server", name),
        image: args.image,
        command: bridge === undefined ? command : buildBridgedCommand(command ?? []),
        port,
        environment: buildEnvironment(name, args, secretName, peers?.host),
        health: bridge === undefined ? health : bridgeHealth,
        resources: args.resources ?? {},
        volumes: args.volumes ?? [],
        runAsUser: args.runAsUser,
        drainSeconds: args.drainSeconds ?? 15,
        longestCallSeconds,
        serviceAccountName: accountName,
        pullSecretName: args.pullSecretName,
        bridge:
            bridge === undefined || peers === undefined
                ? undefined
                : { image: bridge.image, keySecretName: peers.keySecretName },
    });
}
