import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { TokenIssuer } from "../identity/args.ts";
import { buildDisruptionSpec, buildSpread, rollingUpdate } from "../pods/availability.ts";
import { selectorLabels } from "../pods/labels.ts";
import {
    buildDnsEgress,
    buildPodPeer,
    type ClusterDns,
    type PodSelector,
    tcpPorts,
} from "../pods/network.ts";
import { buildProbes } from "../pods/probes.ts";
import { type DefaultResources, resolveResources } from "../pods/resources.ts";
import { buildScheduling, type SchedulingArgs } from "../pods/scheduling.ts";
import { checkInput } from "../problems/inputs.ts";
import { restrictedContainer, restrictedPod } from "../pods/security.ts";
import {
    behindPods,
    buildHeadlessSpec,
    buildServiceHost,
    buildServiceSpec,
} from "../pods/services.ts";
import { gatewayDefaults } from "./defaults.ts";
import { findCountProblems } from "./rules.ts";
import type { VerifierPodsArgs } from "./gateway.ts";

/** A server whose tokens are verified. */
export interface VerifiedServer {
    /** Name in the path of a verification request: `/verify/<name>`. */
    name: string;
    /** Audience its tokens must carry. */
    resource: string;
    /** Scopes its tokens must carry, all of them. */
    scopes: string[];
}

export interface TokenVerifierArgs extends ClusterDns, SchedulingArgs, VerifierPodsArgs {
    /** Namespace of the verifier; the gateway's. */
    namespace: pulumi.Input<string>;
    /** Bridge image, pinned: it carries the verifier as well. */
    image: pulumi.Input<string>;
    /** Issuer of the tokens. */
    identity: TokenIssuer;
    /** Pods of the gateway, which alone may reach the verifier. */
    gatewayPods: PodSelector;
    /** Servers whose tokens are verified. Plain, because they decide who has access. */
    servers: VerifiedServer[];
    /**
     * Secret with which nodes pull the image.
     *
     * @default none
     */
    pullSecretName?: pulumi.Input<string>;
}

const port = 8080;
const mountPath = "/etc/slipway";

/** Not ready, but alive, while the issuer's keys cannot be read: a restart would not help. */
const health = { started: "/livez", live: "/livez", ready: "/readyz" };

/**
 * Verifies tokens for a gateway, returns the challenge for clients whose token is refused, and serves the RFC 9728
 * documents.
 */
export class TokenVerifier extends pulumi.ComponentResource {
    /** DNS name of the Service in front of the pods. */
    public readonly serviceHost: pulumi.Output<string>;
    /** Name of that Service. */
    public readonly serviceName: pulumi.Output<string>;
    /** DNS name that lists every ready pod, so that a gateway can retry with another one. */
    public readonly podsHost: pulumi.Output<string>;
    /** Port of the pods. */
    public readonly port: number = port;

    constructor(name: string, args: TokenVerifierArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, image, servers } = args;
        super("slipway:index:TokenVerifier", name, { namespace, image, servers }, opts);
        const { replicas: given = gatewayDefaults.verifier.replicas } = args;
        const replicas = checkInput(this, given, (known) => findCountProblems("replicas", known));
        const child = { parent: this };
        const labels = selectorLabels("token-verifier", name);
        const metadata = { namespace, labels };

        const settings = new k8s.core.v1.ConfigMap(
            `${name}-settings`,
            { metadata, data: buildSettings(args) },
            child,
        );
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildPolicySpec(labels, args) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const defaults = gatewayDefaults.verifier.resources;
        const podSpec = buildPodSpec(labels, args, {
            accountName: account.metadata.name,
            settingsName: settings.metadata.name,
            resources: resolveResources(this, "resources", args.resources, defaults),
        });
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-pods`,
            {
                metadata,
                spec: {
                    replicas,
                    revisionHistoryLimit: 3,
                    selector: { matchLabels: labels },
                    strategy: rollingUpdate,
                    template: { metadata: { labels }, spec: podSpec },
                },
            },
            { parent: this, dependsOn: policy },
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-disruptions`,
            { metadata, spec: buildDisruptionSpec(labels) },
            child,
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            { metadata, spec: buildServiceSpec(labels, port) },
            behindPods(this, deployment),
        );
        const pods = new k8s.core.v1.Service(
            `${name}-addresses`,
            { metadata, spec: buildHeadlessSpec(labels, port) },
            child,
        );

        this.serviceName = service.metadata.name;
        this.serviceHost = buildServiceHost(service.metadata.name, namespace, args);
        this.podsHost = buildServiceHost(pods.metadata.name, namespace, args);
        this.registerOutputs({ podsHost: this.podsHost });
    }
}

function buildSettings({
    identity,
    servers,
}: TokenVerifierArgs): Record<string, pulumi.Input<string>> {
    const { issuer, jwksUri, caCertificate } = identity;
    if (caCertificate === undefined) {
        const settings = { issuer, jwksUri, servers };
        return { "verifier.json": pulumi.jsonStringify(settings, undefined, 2) };
    }
    const caFile = `${mountPath}/ca.pem`;
    return {
        "verifier.json": pulumi.jsonStringify({ issuer, jwksUri, caFile, servers }, undefined, 2),
        "ca.pem": caCertificate,
    };
}

function buildPolicySpec(
    matchLabels: Record<string, string>,
    { identity, gatewayPods, dnsPorts }: TokenVerifierArgs,
): k8s.types.input.networking.v1.NetworkPolicySpec {
    return {
        podSelector: { matchLabels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [buildPodPeer(gatewayPods)], ports: tcpPorts(port) }],
        // Policies know addresses, not host names: the port of the keys is open to any address.
        egress: [
            buildDnsEgress({ dnsPorts }),
            { ports: [{ protocol: "TCP", port: findKeysPort(identity) }] },
        ],
    };
}

function findKeysPort({ jwksUri, jwksPort }: TokenIssuer): pulumi.Input<number> {
    const portOf = (url: string) => {
        const { port, protocol } = new URL(url);
        const standard = protocol === "https:" ? 443 : 80;
        return port === "" ? standard : Number(port);
    };
    return jwksPort ?? pulumi.output(jwksUri).apply(portOf);
}

/** Names of objects that a pod refers to, and its size. */
interface PodParts {
    accountName: pulumi.Input<string>;
    settingsName: pulumi.Input<string>;
    resources: pulumi.Input<DefaultResources>;
}

function buildPodSpec(
    labels: Record<string, string>,
    args: TokenVerifierArgs,
    { accountName, settingsName, resources }: PodParts,
): k8s.types.input.core.v1.PodSpec {
    const { image, pullSecretName } = args;
    return {
        ...buildScheduling(args),
        serviceAccountName: accountName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: restrictedPod(),
        imagePullSecrets: pullSecretName === undefined ? undefined : [{ name: pullSecretName }],
        terminationGracePeriodSeconds: 30,
        topologySpreadConstraints: buildSpread(labels),
        containers: [
            {
                name: "token-verifier",
                image,
                command: ["/slipway/bin/node", "/slipway/verifier.cjs"],
                env: [
                    { name: "PORT", value: String(port) },
                    { name: "SLIPWAY_VERIFIER_FILE", value: `${mountPath}/verifier.json` },
                ],
                ports: [{ name: "http", containerPort: port }],
                ...buildProbes(port, health),
                resources,
                lifecycle: { preStop: { sleep: { seconds: 15 } } },
                securityContext: restrictedContainer(),
                volumeMounts: [
                    { name: "settings", mountPath, readOnly: true },
                    { name: "tmp", mountPath: "/tmp" },
                ],
            },
        ],
        volumes: [
            { name: "settings", configMap: { name: settingsName } },
            { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
    };
}
