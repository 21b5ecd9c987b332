import * as z from "zod";

import { gatewayDefaults } from "../components/gateways/defaults.ts";
import { apisixKeys, ingressKeys } from "./gatewayKinds.ts";
import { optional, required } from "./keys.ts";
import { resourcesKey, schedulingKeys } from "./podParts.ts";
import { podSelector } from "./trustSettings.ts";

const tls = z.union(
    [
        z.strictObject({
            secretName: required(
                z.string(),
                "Existing Secret of type `kubernetes.io/tls` in the namespace",
                "mcp-example-org",
            ),
        }),
        z.strictObject({
            selfSigned: required(
                z.literal(true),
                "Create a self-signed certificate, which clients must trust (output `caCertificates`); `up` renews it in its last 30 days",
                true,
            ),
        }),
    ],
    { error: "must be either { secretName: <Secret> } or { selfSigned: true }" },
);

const exposure = z.union(
    [
        z.strictObject({
            nodePort: required(z.number(), "Port of every node, 30000 to 32767", 30443),
        }),
        z.strictObject({
            loadBalancer: required(z.literal(true), "Load balancer of the provider", true),
        }),
        z.strictObject({
            ingressClass: required(
                z.string(),
                "Class of an Ingress controller, which terminates TLS",
                "nginx",
            ),
        }),
    ],
    { error: "must be { nodePort: <port> }, { loadBalancer: true } or { ingressClass: <class> }" },
);

const verifier = z.strictObject({
    replicas: optional(z.number(), "Number of pods", {
        default: gatewayDefaults.verifier.replicas,
        example: 3,
    }),
    resources: resourcesKey(gatewayDefaults.verifier.resources),
    managers: optional(
        z.array(podSelector),
        "Pods that may read metrics (Prometheus) and send logout tokens (Keycloak) at port 8081",
        { default: [], example: [{ namespace: "monitoring" }] },
    ),
});

/** Keys of every kind. */
const commonKeys = {
    host: required(z.string(), "Public host name or IPv4 address", "mcp.example.org"),
    port: optional(z.number(), "Public port", { default: gatewayDefaults.port, example: 8443 }),
    tls: required(tls, "Certificate of every host", { secretName: "mcp-example-org" }),
    verifier: optional(verifier, "Pods that verify tokens", {
        default: gatewayDefaults.verifier,
        example: { replicas: 3 },
    }),
    ...schedulingKeys,
};

/** NGINX of the stack itself. */
const nginxGateway = z.strictObject({
    kind: required(z.literal("nginx"), "NGINX of the stack itself", "nginx"),
    ...commonKeys,
    exposure: required(exposure, "How the gateway is exposed outside the cluster", {
        loadBalancer: true,
    }),
    serviceAnnotations: optional(
        z.record(z.string(), z.string()),
        "Annotations of the public Service (load balancer, external-dns)",
        {
            default: {},
            example: { "external-dns.alpha.kubernetes.io/hostname": "mcp.example.org" },
        },
    ),
    ingressAnnotations: optional(
        z.record(z.string(), z.string()),
        "Annotations of the Ingress (cert-manager, external-dns)",
        { default: {}, example: { "cert-manager.io/cluster-issuer": "letsencrypt" } },
    ),
    replicas: optional(z.number(), "Number of pods", {
        default: gatewayDefaults.replicas,
        example: 3,
    }),
    resources: resourcesKey(gatewayDefaults.resources),
    image: optional(
        z.string(),
        "NGINX 1.29.3 or later with bash and GNU sed, such as a mirror's copy of the official image; `@sha256:…` behind it fixes its content",
        {
            default: gatewayDefaults.nginxImage,
            example: "registry.example.org/nginx:1.31.3",
        },
    ),
});

/** APISIX, one of the cluster or one that is installed. */
const apisixGateway = z.strictObject({
    kind: required(z.literal("apisix"), "APISIX and its Ingress controller", "apisix"),
    ...commonKeys,
    ...apisixKeys,
});

/** An Ingress controller of the cluster. */
const ingressGateway = z.strictObject({
    kind: required(z.literal("ingress"), "An Ingress controller of the cluster", "ingress"),
    ...commonKeys,
    ...ingressKeys,
});

/** The gateway, of one of the kinds. */
export const gatewaySettings = z.discriminatedUnion(
    "kind",
    [nginxGateway, apisixGateway, ingressGateway],
    { error: "must be 'nginx', 'apisix' or 'ingress'" },
);

/** The settings of the gateway. */
export type GatewaySettings = z.infer<typeof gatewaySettings>;
