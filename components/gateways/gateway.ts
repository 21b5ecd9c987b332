import type * as pulumi from "@pulumi/pulumi";

import type { TokenIssuer } from "../identity/args.ts";
import type { ClusterDns, PodSelector } from "../pods/network.ts";
import type { ResourcesArgs } from "../pods/resources.ts";
import type { SchedulingArgs } from "../pods/scheduling.ts";
import { gatewayDefaults } from "./defaults.ts";
import type { PublicAddress, Route } from "./route.ts";

/** Certificate of the public address. Exactly one member is given. */
export interface GatewayTls {
    /** Existing Secret of type `kubernetes.io/tls` in the namespace of the gateway. */
    secretName?: pulumi.Input<string>;
    /** A certificate is made that clients must trust; see `caCertificate` of the gateway. */
    selfSigned?: boolean;
}

/** How the gateway is exposed outside the cluster. Exactly one member is given. */
export interface Exposure {
    /** Port of every node, 30000 to 32767. */
    nodePort?: number;
    /** Through the provider's load balancer. */
    loadBalancer?: boolean;
    /** Behind the Ingress controller of this class, which terminates TLS. */
    ingressClass?: string;
}

/** Number and size of the pods that verify tokens. */
export interface VerifierPodsArgs {
    /**
     * Number of pods. They share no state: more than two only add throughput.
     *
     * @default `gatewayDefaults.verifier.replicas`
     */
    replicas?: pulumi.Input<number>;
    /**
     * CPU and memory of each pod.
     *
     * @default `gatewayDefaults.verifier.resources`
     */
    resources?: ResourcesArgs;
    /**
     * Pods that may reach the management port, which serves Prometheus metrics and takes logout tokens: those of Prometheus
     * and Keycloak.
     *
     * @default []
     */
    managers?: PodSelector[];
}

/** Period of a certificate that is created here, as RFC 3339 times. */
export interface CertificateValidity {
    /** Time from which `pulumi up` replaces the certificate. */
    renewedFrom: string;
    /** Time at which it expires. */
    expires: string;
}

/** Arguments of every gateway, whether it has pods of its own or is carried by those that a cluster has. */
export interface RoutingArgs extends ClusterDns, SchedulingArgs {
    /** Namespace of the gateway. */
    namespace: pulumi.Input<string>;
    /** Public port, and host of the servers that have none of their own. */
    address: PublicAddress;
    /** Certificate of all hosts. */
    tls: GatewayTls;
    /** Issuer of the tokens. */
    identity: TokenIssuer;
    /** Servers to carry. Plain but for names that Kubernetes generates, as prefixes are compared with each other. */
    routes: Route[];
    /**
     * Number and size of the pods that verify tokens.
     *
     * @default `gatewayDefaults.verifier`
     */
    verifier?: VerifierPodsArgs;
    /**
     * Secret with which nodes pull the images.
     *
     * @default none
     */
    pullSecretName?: pulumi.Input<string>;
}

/** Arguments of a gateway with pods of its own, independent of its dialect. */
export interface GatewayArgs extends RoutingArgs {
    /** How the gateway is exposed outside the cluster. Plain, because it decides what is created. */
    exposure: Exposure;
    /**
     * Number of pods. Each pod counts rates on its own.
     *
     * @default `gatewayDefaults.replicas`
     */
    replicas?: pulumi.Input<number>;
    /**
     * CPU and memory of each pod.
     *
     * @default `gatewayDefaults.resources`
     */
    resources?: ResourcesArgs;
    /**
     * Annotations of the public Service, with which load balancers, external-dns and others are configured.
     *
     * @default {}
     */
    serviceAnnotations?: Record<string, pulumi.Input<string>>;
    /**
     * Annotations of the Ingress, for cert-manager, external-dns and others; they win over those that keep NGINX Ingress
     * controllers from buffering and cutting streams.
     *
     * @default {}
     */
    ingressAnnotations?: Record<string, pulumi.Input<string>>;
}

/** Results of every gateway, independent of its dialect. */
export interface Gateway {
    /** Public address of each server. */
    readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate that clients must trust; undefined when it is not created here. */
    readonly caCertificate: pulumi.Output<string> | undefined;
    /** When the certificate is replaced and when it expires; undefined when it is not created here. */
    readonly certificateValidity: pulumi.Output<CertificateValidity> | undefined;
    /**
     * Host name or IP address of the load balancer or Ingress, to which DNS names of the hosts should lead; undefined on
     * a node port.
     */
    readonly loadBalancerAddress: pulumi.Output<string> | undefined;
}

/**
 * The address of an endpoint, computed here and nowhere else. The default port is left out: clients, browsers and
 * Keycloak compare audiences as text.
 */
export function resourceUri(
    { host, port = gatewayDefaults.port }: PublicAddress,
    prefix: string,
    mcpPath: string,
): string {
    return `https://${host}${port === 443 ? "" : `:${port}`}${prefix}${mcpPath}`;
}

/** The host of the gateway followed by those that servers have for themselves, each once. */
export function listHosts(host: string, routes: { host?: string }[]): string[] {
    return [...new Set([host, ...routes.flatMap((route) => route.host ?? [])])];
}

/** The resource URI of each server, by name. */
export function listResources(routes: Route[]): Record<string, string> {
    return Object.fromEntries(routes.map(({ server, resource }) => [server, resource]));
}

/** Path of the RFC 9728 document of a resource: the well-known path followed by that of the resource. */
export function resourceMetadataPath(resource: string): string {
    return `/.well-known/oauth-protected-resource${new URL(resource).pathname}`;
}
