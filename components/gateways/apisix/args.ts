import type * as pulumi from "@pulumi/pulumi";

import type { PodSelector } from "../../pods/network.ts";
import type { VerifiedRoutes } from "../verification.ts";

/** How APISIX verifies tokens. */
export const ApisixAuthentication = {
    /** Plugin `forward-auth` asks the token verifier: the only way to a challenge for a missing scope. */
    forwardAuth: "forwardAuth",
    /** Plugin `openid-connect` with the issuer's keys. */
    jwks: "jwks",
    /** Plugin `openid-connect` asks the issuer about each token. */
    introspection: "introspection",
} as const;
export type ApisixAuthentication = (typeof ApisixAuthentication)[keyof typeof ApisixAuthentication];

/** Issuer as the plugin `openid-connect` reaches it. */
export interface OpenidConnectArgs {
    /**
     * URL of the discovery document.
     *
     * @default `apisixDefaults.discovery(issuer)`
     */
    discovery?: pulumi.Input<string>;
    /**
     * URL of the introspection endpoint.
     *
     * @default `apisixDefaults.introspectionEndpoint(issuer)`
     */
    introspectionEndpoint?: pulumi.Input<string>;
    /**
     * Existing Secret with `client_id` and `client_secret` of the client that introspects, in the namespace of the servers.
     *
     * @default none; it is required for introspection
     */
    clientSecretName?: pulumi.Input<string>;
}

/** Limits of one caller besides those of the routes; APISIX counts per pod. */
export interface CallerLimits {
    /**
     * Calls at the same time, open streams included; more are answered with 429.
     *
     * @default `apisixDefaults.concurrentCalls`
     */
    concurrentCalls?: number;
    /**
     * Calls per minute; more are answered with 429.
     *
     * @default unlimited
     */
    callsPerMinute?: number;
}

/**
 * Limit of one caller for some tools, by the headers `Mcp-Method` and `Mcp-Name` of MCP 2026-07-28. Clients of earlier
 * versions do not send them, and have only the limits of the server.
 */
export interface ToolLimit {
    /** Name of the server. */
    server: string;
    /** Names of the tools, which share the limit. */
    tools: string[];
    /** Calls within the time window; more are answered with 429. */
    calls: number;
    /** Length of the time window in seconds. */
    seconds: number;
}

/** The layout of Enterprise-Inference: an Ingress of class `nginx` beside APISIX terminates TLS and leads to it. */
export interface EnterpriseInferenceArgs {
    /**
     * Namespace of APISIX, and of the Ingress and its certificate.
     *
     * @default `apisixDefaults.enterpriseInference.namespace`
     */
    namespace?: string;
    /**
     * Class of the Ingress.
     *
     * @default `apisixDefaults.enterpriseInference.ingressClassName`
     */
    ingressClassName?: string;
    /**
     * Service of APISIX.
     *
     * @default `apisixDefaults.enterpriseInference.serviceName`
     */
    serviceName?: string;
    /**
     * Its port for HTTP.
     *
     * @default `apisixDefaults.enterpriseInference.servicePort`
     */
    servicePort?: number;
    /**
     * Annotations of the Ingress; they win over those that keep it from buffering and cutting streams.
     *
     * @default {}
     */
    annotations?: Record<string, pulumi.Input<string>>;
}

/** Installation of APISIX and its Ingress controller from their Helm chart, without etcd. */
export interface ApisixInstallArgs {
    /**
     * Namespace that is created for them.
     *
     * @default `apisixDefaults.namespace`
     */
    namespace?: string;
    /**
     * Repository of the chart.
     *
     * @default `apisixDefaults.install.repository`
     */
    repository?: string;
    /**
     * Version of the chart.
     *
     * @default `apisixDefaults.install.chartVersion`
     */
    chartVersion?: string;
    /**
     * Type of the public Service: `LoadBalancer`, `NodePort` or `ClusterIP`.
     *
     * @default `apisixDefaults.install.serviceType`
     */
    serviceType?: string;
    /**
     * Further values of the chart, as JSON or YAML text; they win over those set here, key by key.
     *
     * @default none
     */
    valuesYaml?: string;
}

export interface ApisixGatewayArgs extends VerifiedRoutes {
    /**
     * Class of the controller of APISIX. It is set on every object: version 2 of the controller ignores those without.
     *
     * @default `apisixDefaults.ingressClassName`
     */
    ingressClassName?: string;
    /**
     * Pods of APISIX, which network policies admit.
     *
     * @default the pods of its chart in `apisixDefaults.namespace`, or in the namespace of `install` or `enterpriseInference`
     */
    pods?: PodSelector;
    /**
     * How tokens are verified: `forwardAuth`, `jwks` or `introspection`.
     *
     * @default "forwardAuth"
     */
    authentication?: ApisixAuthentication;
    /**
     * Issuer as the plugin `openid-connect` reaches it, for `jwks` and `introspection`.
     *
     * @default {}
     */
    openidConnect?: OpenidConnectArgs;
    /**
     * Limits of one caller besides those of the routes.
     *
     * @default `apisixDefaults.concurrentCalls` at the same time
     */
    callerLimits?: CallerLimits;
    /**
     * Limits for single tools.
     *
     * @default []
     */
    toolLimits?: ToolLimit[];
    /**
     * The layout of Enterprise-Inference.
     *
     * @default none; clients reach APISIX itself, which terminates TLS
     */
    enterpriseInference?: EnterpriseInferenceArgs;
    /**
     * Installs APISIX and its controller from their Helm chart.
     *
     * @default none; the cluster has them
     */
    install?: ApisixInstallArgs;
}
