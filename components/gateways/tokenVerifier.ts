import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { TokenIssuer } from "../identity/args.ts";
import { identityDefaults } from "../identity/defaults.ts";
import { buildDisruptionSpec, rollingUpdate } from "../pods/availability.ts";
import { selectorLabels } from "../pods/labels.ts";
import type { ClusterDns, PodSelector } from "../pods/network.ts";
import { resolveResources } from "../pods/resources.ts";
import type { SchedulingArgs } from "../pods/scheduling.ts";
import {
    behindPods,
    buildHeadlessSpec,
    buildServiceHost,
    buildServiceSpec,
} from "../pods/services.ts";
import { checkInput } from "../problems/inputs.ts";
import { gatewayDefaults } from "./defaults.ts";
import type { VerifierPodsArgs } from "./gateway.ts";
import type { Route } from "./route.ts";
import { findCountProblems } from "./rules.ts";
import { buildVerifierPolicy } from "./verifierNetwork.ts";
import { buildVerifierPod, verifierFiles, verifierPorts } from "./verifierPods.ts";

/** A server whose tokens are verified. */
export interface VerifiedServer {
    /** Name in the path of a verification request: `/verify/<name>`. */
    name: string;
    /** Audience its tokens must carry. */
    resource: string;
    /** Scopes its tokens must carry, all of them. */
    scopes: string[];
    /**
     * Whether the issuer is asked for each of its tokens whether it was revoked; needs `introspection` of the issuer.
     *
     * @default false
     */
    checkRevocation?: boolean;
    /**
     * Whether its tokens must be bound to the certificate of the client, whose digest the gateway sends.
     *
     * @default false
     */
    certificateBound?: boolean;
}

/** The server of a route. */
export function verifiedServer(route: Route): VerifiedServer {
    const { server: name, resource, scopes, checkRevocation, certificateBound } = route;
    return { name, resource, scopes, checkRevocation, certificateBound };
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
    public readonly port: number = verifierPorts.gateway;
    /** URL inside the cluster to which the issuer sends logout tokens (OpenID Connect Back-Channel Logout). */
    public readonly logoutUrl: pulumi.Output<string>;

    constructor(name: string, args: TokenVerifierArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, image, servers } = args;
        super("slipway:index:TokenVerifier", name, { namespace, image, servers }, opts);
        const { replicas: given = gatewayDefaults.verifier.replicas } = args;
        const replicas = checkInput(this, given, (known) => findCountProblems("replicas", known));
        const child = { parent: this };
        const labels = selectorLabels("token-verifier", name);
        const metadata = { namespace, labels };

        const pods = new k8s.core.v1.Service(
            `${name}-addresses`,
            { metadata, spec: withManagement(buildHeadlessSpec(labels, this.port)) },
            child,
        );
        this.podsHost = buildServiceHost(pods.metadata.name, namespace, args);
        const settings = new k8s.core.v1.ConfigMap(
            `${name}-settings`,
            { metadata, data: buildSettings(args, this.podsHost) },
            child,
        );
        const { identity, gatewayPods, managers = [], dnsPorts } = args;
        const network = { labels, identity, gatewayPods, managers, dnsPorts };
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildVerifierPolicy(network) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const defaults = gatewayDefaults.verifier.resources;
        const podSpec = buildVerifierPod({
            labels,
            image,
            serviceAccountName: account.metadata.name,
            settingsName: settings.metadata.name,
            introspectionName: identity.introspection?.secretName,
            pullSecretName: args.pullSecretName,
            resources: resolveResources(this, "resources", args.resources, defaults),
            scheduling: args,
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
            { metadata, spec: withManagement(buildServiceSpec(labels, this.port)) },
            behindPods(this, deployment),
        );

        const { logoutServiceName } = identity;
        if (logoutServiceName !== undefined) {
            new k8s.core.v1.Service(
                `${name}-logout`,
                {
                    metadata: { ...metadata, name: logoutServiceName },
                    spec: buildLogoutSpec(labels),
                },
                behindPods(this, deployment),
            );
        }

        this.serviceName = service.metadata.name;
        this.serviceHost = buildServiceHost(service.metadata.name, namespace, args);
        this.logoutUrl = pulumi.interpolate`http://${this.serviceHost}:${verifierPorts.management}/backchannel-logout`;
        this.registerOutputs({ podsHost: this.podsHost, logoutUrl: this.logoutUrl });
    }
}

/** The management port at the port of HTTP, so that the address of logout tokens needs none. */
function buildLogoutSpec(selector: Record<string, string>): k8s.types.input.core.v1.ServiceSpec {
    return { selector, ports: [{ name: "http", port: 80, targetPort: "management" }] };
}

function withManagement(
    spec: k8s.types.input.core.v1.ServiceSpec,
): k8s.types.input.core.v1.ServiceSpec {
    const { management: port } = verifierPorts;
    const ports = spec.ports as k8s.types.input.core.v1.ServicePort[];
    return { ...spec, ports: [...ports, { name: "management", port, targetPort: "management" }] };
}

function buildSettings(
    { identity, servers }: TokenVerifierArgs,
    podsHost: pulumi.Output<string>,
): Record<string, pulumi.Input<string>> {
    const { issuer, jwksUri, caCertificate, introspection, clockSkewSeconds } = identity;
    const settings = {
        issuer,
        jwksUri,
        introspection: introspection && {
            endpoint: introspection.endpoint,
            credentials: verifierFiles.introspection,
            cacheSeconds: introspection.cacheSeconds,
        },
        furtherIssuers: identity.furtherIssuers?.map((further) => ({
            issuer: further.issuer,
            jwksUri: further.jwksUri ?? identityDefaults.jwksUri(further.issuer),
        })),
        clockSkewSeconds,
        peers: { host: podsHost, port: verifierPorts.management },
        caFile: caCertificate === undefined ? undefined : `${verifierFiles.settings}/ca.pem`,
        servers,
    };
    const text = pulumi.jsonStringify(settings, undefined, 2);
    return caCertificate === undefined
        ? { "verifier.json": text }
        : { "verifier.json": text, "ca.pem": caCertificate };
}
