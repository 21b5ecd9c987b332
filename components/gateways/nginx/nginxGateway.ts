import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { roleLabels, selectorLabels } from "../../pods/labels.ts";
import { buildDisruptionSpec } from "../../pods/availability.ts";
import { dnsEgress } from "../../server/deployment/networkPolicy.ts";
import { TokenVerifier } from "../tokenVerifier.ts";
import {
    type Exposure,
    findAddressProblems,
    findRouteProblems,
    type Gateway,
    type GatewayTls,
    type PublicAddress,
    type Route,
    type TokenIssuer,
} from "../gateway.ts";
import { provideCertificate } from "../certificate.ts";
import { findGatewayProblems } from "../rules.ts";
import { renderNginxConfiguration } from "./configuration.ts";
import { exposeGateway, publicPorts } from "./exposure.ts";
import { buildGatewayPod, containerSurroundings } from "./pods.ts";

export interface NginxGatewayArgs {
    /** Namespace of the gateway; the servers', so that their policies let it in. */
    namespace: pulumi.Input<string>;
    /** What clients type before the path. */
    address: PublicAddress;
    /** Certificate of the address. */
    tls: GatewayTls;
    /** How the gateway is reached from outside the cluster. Plain, because it decides what is created. */
    exposure: Exposure;
    /** Who issues the tokens. */
    identity: TokenIssuer;
    /** Servers to carry. Plain but for the DNS names in it, as prefixes are checked against each other. */
    routes: Route[];
    /** Bridge image, pinned: the token verifier runs from it. */
    verifierImage: pulumi.Input<string>;
    /**
     * NGINX 1.29.3 or later with a shell; open source is enough.
     *
     * @default "nginx:1.31.3"
     */
    image?: pulumi.Input<string>;
    /**
     * Number of pods. Rates are counted by each of them.
     *
     * @default 2
     */
    replicas?: number;
    /**
     * Secret that lets nodes pull the images.
     *
     * @default none
     */
    pullSecretName?: pulumi.Input<string>;
}

/** NGINX in front of all servers: TLS, tokens, limits, and streams that are neither buffered nor cut. */
export class NginxGateway extends pulumi.ComponentResource implements Gateway {
    /** Public address of each server. */
    public readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate clients must trust; undefined when it is not made here. */
    public readonly caCertificate: pulumi.Output<string> | undefined;

    constructor(name: string, args: NginxGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, address, exposure, routes } = args;
        super("slipway:index:NginxGateway", name, { namespace, address, exposure }, opts);
        refuseInvalidArgs(this, [
            ...findAddressProblems("address", address),
            ...findGatewayProblems(args),
            ...findRouteProblems("routes", routes),
        ]);
        const child = { parent: this };
        const labels = selectorLabels("gateway", name);
        const metadata = { namespace, labels };

        const verifier = this.createVerifier(name, args);
        const certificate = provideCertificate(name, address.host, args.tls, namespace, child);
        const configuration = new k8s.core.v1.ConfigMap(
            `${name}-configuration`,
            { metadata, data: { "nginx.conf": renderConfiguration(args, verifier) } },
            child,
        );
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildPolicySpec(labels, args, verifier.port) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const podSpec = buildGatewayPod({
            labels,
            image: args.image ?? "nginx:1.31.3",
            serviceAccountName: account.metadata.name,
            configurationName: configuration.metadata.name,
            certificateName: certificate.secretName,
            pullSecretName: args.pullSecretName,
            longestCallSeconds: findLongestCall(routes),
        });
        new k8s.apps.v1.Deployment(
            `${name}-pods`,
            { metadata, spec: buildDeploymentSpec(labels, args.replicas, podSpec) },
            { parent: this, dependsOn: policy },
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-disruptions`,
            { metadata, spec: buildDisruptionSpec(labels) },
            child,
        );
        const publicPort = address.port ?? 443;
        const exposed = { name, namespace, labels, host: address.host, publicPort };
        exposeGateway(exposure, { ...exposed, certificateName: certificate.secretName }, child);

        this.endpoints = pulumi.output(
            Object.fromEntries(routes.map(({ server, resource }) => [server, resource])),
        );
        this.caCertificate = certificate.caCertificate;
        this.registerOutputs({ endpoints: this.endpoints, caCertificate: this.caCertificate });
    }

    private createVerifier(name: string, args: NginxGatewayArgs): TokenVerifier {
        const verifierArgs = {
            namespace: args.namespace,
            image: args.verifierImage,
            identity: args.identity,
            pullSecretName: args.pullSecretName,
            servers: args.routes.map(({ server, resource, scopes }) => ({
                name: server,
                resource,
                scopes,
            })),
        };
        return new TokenVerifier(`${name}-verifier`, verifierArgs, { parent: this });
    }
}

function renderConfiguration(
    { address, routes }: NginxGatewayArgs,
    { podsHost, serviceHost, port }: TokenVerifier,
): pulumi.Output<string> {
    return pulumi.output({ routes, verifier: { podsHost, serviceHost, port } }).apply((resolved) =>
        renderNginxConfiguration(
            {
                ...resolved,
                host: address.host,
                publicPort: address.port ?? 443,
                longestCallSeconds: findLongestCall(routes),
            },
            containerSurroundings,
        ),
    );
}

/** How long a pod that is told to stop lets calls go on. */
function findLongestCall(routes: Route[]): number {
    return Math.max(...routes.map(({ longestCallSeconds }) => longestCallSeconds));
}

function buildDeploymentSpec(
    labels: Record<string, string>,
    replicas = 2,
    podSpec: k8s.types.input.core.v1.PodSpec,
): k8s.types.input.apps.v1.DeploymentSpec {
    return {
        replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels }, spec: podSpec },
    };
}

/** In from anywhere, as that is what a gateway is for; out to the servers, the verifier and DNS only. */
function buildPolicySpec(
    matchLabels: Record<string, string>,
    { exposure, routes }: NginxGatewayArgs,
    verifierPort: number,
): k8s.types.input.networking.v1.NetworkPolicySpec {
    const open = (ports: number[]) =>
        [...new Set(ports)].map((port) => ({ protocol: "TCP", port }));
    return {
        podSelector: { matchLabels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: open(publicPorts(exposure)) }],
        egress: [
            dnsEgress,
            {
                to: [{ podSelector: { matchLabels: roleLabels("token-verifier") } }],
                ports: open([verifierPort]),
            },
            {
                to: [{ podSelector: { matchLabels: roleLabels("server") } }],
                ports: open(routes.map(({ port }) => port)),
            },
        ],
    };
}
