import * as z from "zod";

import { ApisixAuthentication } from "../components/gateways/apisix/args.ts";
import { apisixDefaults } from "../components/gateways/apisix/defaults.ts";
import { IngressFlavor } from "../components/gateways/ingress/args.ts";
import { ingressDefaults } from "../components/gateways/ingress/defaults.ts";
import { optional, required } from "./keys.ts";

/** Keys of both kinds that are carried by a controller of the cluster. */
const controllerKeys = {
    ingressClassName: optional(z.string(), "Class of the controller", {
        absent: `\`${apisixDefaults.ingressClassName}\`; of kind \`ingress\`, \`${ingressDefaults.ingressClassName}\``,
        example: "edge",
    }),
    pods: optional(
        z.strictObject({
            namespace: optional(z.string(), "Their namespace", {
                absent: "that of the controller's chart",
                example: "edge",
            }),
            labels: optional(z.record(z.string(), z.string()), "Their labels", {
                absent: "those of the controller's chart",
                example: { app: "edge" },
            }),
        }),
        "Pods that forward requests, which network policies admit",
        { absent: "those of the controller's chart", example: { namespace: "edge" } },
    ),
};

const openidConnect = z.strictObject({
    discovery: optional(z.string(), "URL of the discovery document as APISIX reaches it", {
        default: apisixDefaults.discovery("<issuer>"),
        example: "http://keycloak.auth.svc/realms/mcp/.well-known/openid-configuration",
    }),
    introspectionEndpoint: optional(z.string(), "URL of the introspection endpoint", {
        default: apisixDefaults.introspectionEndpoint("<issuer>"),
        example: "http://keycloak.auth.svc/realms/mcp/protocol/openid-connect/token/introspect",
    }),
    clientSecretName: optional(
        z.string(),
        "Existing Secret with `client_id` and `client_secret` of the client that introspects",
        { absent: "required for `introspection`", example: "introspector" },
    ),
});

const callerLimits = z.strictObject({
    concurrentCalls: optional(z.int(), "Calls of one caller at the same time, per APISIX pod", {
        default: apisixDefaults.concurrentCalls,
        example: 32,
    }),
    callsPerMinute: optional(z.int(), "Calls of one caller per minute, per APISIX pod", {
        absent: "unlimited",
        example: 600,
    }),
});

const toolLimit = z.strictObject({
    server: required(z.string(), "Name of the server", "weather"),
    tools: required(z.array(z.string()), "Tools that share the limit", ["forecast"]),
    calls: required(z.int(), "Calls of one caller within the time window", 30),
    seconds: required(z.int(), "Length of the time window", 60),
});

const reference = apisixDefaults.enterpriseInference;

const enterpriseInference = z.strictObject({
    namespace: optional(z.string(), "Namespace of APISIX, the Ingress and its certificate", {
        default: reference.namespace,
        example: "edge",
    }),
    ingressClassName: optional(z.string(), "Class of the Ingress", {
        default: reference.ingressClassName,
        example: "public",
    }),
    serviceName: optional(z.string(), "Service of APISIX", {
        default: reference.serviceName,
        example: "apisix-gateway",
    }),
    servicePort: optional(z.int(), "Its port for HTTP", {
        default: reference.servicePort,
        example: 9080,
    }),
    annotations: optional(z.record(z.string(), z.string()), "Annotations of the Ingress", {
        default: {},
        example: { "cert-manager.io/cluster-issuer": "letsencrypt" },
    }),
});

const install = z.strictObject({
    namespace: optional(z.string(), "Namespace that is created for them", {
        default: apisixDefaults.namespace,
        example: "edge",
    }),
    repository: optional(z.string(), "Repository of the chart", {
        default: apisixDefaults.install.repository,
        example: "https://charts.example.org",
    }),
    chartVersion: optional(z.string(), "Version of the chart", {
        default: apisixDefaults.install.chartVersion,
        example: "2.13.0",
    }),
    serviceType: optional(
        z.string(),
        "Type of the public Service: `LoadBalancer`, `NodePort` or `ClusterIP`",
        { default: apisixDefaults.install.serviceType, example: "NodePort" },
    ),
    valuesYaml: optional(z.string(), "Further values of the chart, as YAML; they win", {
        absent: "none",
        example: "replicaCount: 2",
    }),
});

/** Keys of a gateway of kind `apisix`. */
export const apisixKeys = {
    ...controllerKeys,
    authentication: optional(
        z.enum(ApisixAuthentication),
        "Who verifies tokens: the token verifier by `forward-auth`, or the plugin `openid-connect` by the issuer's keys or by introspection",
        { default: ApisixAuthentication.forwardAuth, example: ApisixAuthentication.jwks },
    ),
    openidConnect: optional(openidConnect, "Issuer as the plugin `openid-connect` reaches it", {
        default: {},
        example: { clientSecretName: "introspector" },
    }),
    callerLimits: optional(callerLimits, "Limits of one caller besides those of the servers", {
        default: { concurrentCalls: apisixDefaults.concurrentCalls },
        example: { callsPerMinute: 600 },
    }),
    toolLimits: optional(
        z.array(toolLimit),
        "Limits for single tools, by the headers of MCP 2026-07-28; earlier clients have only those of the server",
        {
            default: [],
            example: [{ server: "weather", tools: ["forecast"], calls: 30, seconds: 60 }],
        },
    ),
    enterpriseInference: optional(
        enterpriseInference,
        "The layout of Enterprise-Inference: an Ingress beside APISIX terminates TLS and leads to it",
        { absent: "clients reach APISIX itself", example: { namespace: "auth-apisix" } },
    ),
    install: optional(
        install,
        "Install APISIX and its controller from their Helm chart, without etcd",
        { absent: "the cluster has them", example: { namespace: "apisix" } },
    ),
};

/** Keys of a gateway of kind `ingress`. */
export const ingressKeys = {
    flavor: required(
        z.enum(IngressFlavor),
        "The controller: kubernetes/ingress-nginx, or that of F5 from 5.5 with `-enable-snippets`",
        "nginx-inc",
    ),
    ...controllerKeys,
    annotations: optional(
        z.record(z.string(), z.string()),
        "Further annotations of the Ingresses or VirtualServers",
        { default: {}, example: { "cert-manager.io/cluster-issuer": "letsencrypt" } },
    ),
};
