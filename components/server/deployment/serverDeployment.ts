import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { allowTermination, buildDisruptionSpec, rollingUpdate } from "../../pods/availability.ts";
import { selectorLabels } from "../../pods/labels.ts";
import {
    buildHeadlessSpec,
    buildServiceHost,
    buildServiceSpec,
    withoutAwait,
} from "../../pods/services.ts";
import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { checkInput } from "../../problems/inputs.ts";
import { buildMetricsAnnotations } from "../bridge/container.ts";
import type { Peers } from "../bridge/environment.ts";
import { createSessionKey } from "../bridge/sessionKey.ts";
import { serverDefaults } from "../defaults.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import { type Capacity, resolveCapacity } from "./capacity.ts";
import { buildServerPolicy } from "./networkPolicy.ts";
import { findCidrProblems } from "./networkRules.ts";
import { buildPodSpec, gracePeriodOf } from "./podSpec.ts";
import { runsAlone } from "./replicas.ts";
import { findServerProblems } from "./rules.ts";
import type { EgressRule } from "./settings.ts";

/** Pods of one server: restricted, autoscaled, spread over nodes, and replaced without losing a call. */
export class ServerDeployment extends pulumi.ComponentResource {
    /** Service in front of the pods. It has the name of this component, so that configuration can refer to it. */
    public readonly serviceName: pulumi.Output<string>;
    /** Cluster IP address of that Service. */
    public readonly serviceAddress: pulumi.Output<string>;
    /** Headless Service, whose DNS name resolves to every ready pod. */
    public readonly headlessServiceName: pulumi.Output<string>;
    /** Labels of the pods. */
    public readonly podLabels: Record<string, string>;

    constructor(name: string, args: ServerDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, image, bridge } = args;
        const transport = bridge === undefined ? "http" : "stdio";
        const { port = serverDefaults.port } = args;
        super("slipway:index:ServerDeployment", name, { namespace, image, port }, opts);
        refuseInvalidArgs(this, findServerProblems({ ...args, transport }));
        const capacity = resolveCapacity(this, args, transport);
        const egress = this.checkEgress(args.egress ?? []);
        const child = { parent: this };
        const labels = selectorLabels("server", name);
        const metadata = { namespace, labels };

        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildServerPolicy(labels, port, { ...args, egress }) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            {
                metadata: { ...metadata, annotations: args.serviceAccountAnnotations },
                automountServiceAccountToken: false,
            },
            child,
        );
        const podSpec = buildPodSpec(name, args, {
            accountName: account.metadata.name,
            secretName: createSecret(this, name, args),
            peers: bridge === undefined ? undefined : createPeers(this, name, args),
            capacity,
        });
        const annotations =
            bridge === undefined
                ? args.podAnnotations
                : { ...buildMetricsAnnotations(port), ...args.podAnnotations };
        const template = {
            metadata: { labels: { ...args.podLabels, ...labels }, annotations },
            spec: podSpec,
        };
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-pods`,
            { metadata, spec: buildDeploymentSpec(labels, template, runsAlone(args)) },
            {
                parent: this,
                // Pods never run without their policy.
                dependsOn: policy,
                customTimeouts: allowTermination(gracePeriodOf(args), {
                    stopsFirst: runsAlone(args),
                }),
            },
        );
        new k8s.autoscaling.v2.HorizontalPodAutoscaler(
            `${name}-autoscaler`,
            { metadata, spec: buildScalingSpec(deployment.metadata.name, args, capacity) },
            child,
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-disruptions`,
            { metadata, spec: buildDisruptionSpec(labels) },
            child,
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                // The gateway needs its address, and is deployed although the pods of one server fail.
                metadata: { ...metadata, name, annotations: withoutAwait },
                spec: buildServiceSpec(labels, port),
            },
            child,
        );
        const headless = new k8s.core.v1.Service(
            `${name}-addresses`,
            { metadata, spec: buildHeadlessSpec(labels, port) },
            child,
        );

        this.serviceName = service.metadata.name;
        this.serviceAddress = service.spec.clusterIP;
        this.headlessServiceName = headless.metadata.name;
        this.podLabels = labels;
        this.registerOutputs({
            serviceName: this.serviceName,
            headlessServiceName: this.headlessServiceName,
        });
    }

    /** The destinations, refused once their addresses are known if these are invalid. */
    private checkEgress(rules: EgressRule[]): EgressRule[] {
        return rules.map(({ cidr, ...rule }, index) =>
            cidr === undefined
                ? rule
                : {
                      ...rule,
                      cidr: checkInput(this, cidr, (known) => findCidrProblems(known, index)),
                  },
        );
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

/** A session lives in one pod until that ends, so its Service also lists pods that are not ready or that stop. */
function createPeers(parent: ServerDeployment, name: string, args: ServerDeploymentArgs): Peers {
    const { namespace, port = serverDefaults.port } = args;
    const labels = selectorLabels("server", name);
    const spec = { ...buildHeadlessSpec(labels, port), publishNotReadyAddresses: true };
    const service = new k8s.core.v1.Service(
        `${name}-peers`,
        { metadata: { namespace, labels }, spec },
        { parent },
    );
    return {
        host: buildServiceHost(service.metadata.name, namespace, args),
        keySecretName: createSessionKey(name, namespace, { parent }),
    };
}

/** Leaves the number of pods to the autoscaler: fixed `replicas` would reset it on every `pulumi up`. */
function buildDeploymentSpec(
    labels: Record<string, string>,
    template: k8s.types.input.core.v1.PodTemplateSpec,
    alone: boolean,
): k8s.types.input.apps.v1.DeploymentSpec {
    return {
        selector: { matchLabels: labels },
        revisionHistoryLimit: 3,
        strategy: alone ? { type: "Recreate" } : rollingUpdate,
        template,
    };
}

/** An autoscaler with a target per metric; it follows the one that requires more pods. */
function buildScalingSpec(
    deployment: pulumi.Input<string>,
    args: ServerDeploymentArgs,
    { replicas, scaling }: Capacity,
): k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
    const { metrics = serverDefaults.scaling.metrics } = args.scaling ?? {};
    return {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        metrics: metrics.map((name) =>
            buildMetric(name, { cpu: scaling.cpuPercent, memory: scaling.memoryPercent }[name]),
        ),
        behavior: { scaleDown: { stabilizationWindowSeconds: scaling.scaleDownSeconds } },
    };
}

function buildMetric(name: string, averageUtilization: pulumi.Input<number>) {
    return {
        type: "Resource",
        resource: { name, target: { type: "Utilization", averageUtilization } },
    };
}
