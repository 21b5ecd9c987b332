import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Exposure } from "./gateway.ts";

/** The gateway that is exposed. Its pods have ports named `https` and `http`; the latter is for an Ingress controller. */
export interface ExposedGateway {
    name: string;
    namespace: pulumi.Input<string>;
    labels: Record<string, string>;
    hosts: string[];
    publicPort: number;
    certificateName: pulumi.Input<string>;
    serviceAnnotations: Record<string, pulumi.Input<string>> | undefined;
    ingressAnnotations: Record<string, pulumi.Input<string>> | undefined;
}

/**
 * Annotations with which NGINX Ingress controllers neither buffer nor cut streams; other controllers ignore them.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 * @see https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
 */
export const streamingAnnotations = {
    "nginx.ingress.kubernetes.io/proxy-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-http-version": "1.1",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.org/proxy-buffering": "False",
    "nginx.org/proxy-read-timeout": "3600s",
    "nginx.org/proxy-send-timeout": "3600s",
    "nginx.org/client-max-body-size": "0",
};

/** Exposes the gateway outside the cluster, and returns its address there; undefined on a node port. */
export function exposeGateway(
    exposure: Exposure,
    gateway: ExposedGateway,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
    const { name, namespace, labels, serviceAnnotations, ingressAnnotations } = gateway;
    const metadata = { namespace, labels };
    const service = new k8s.core.v1.Service(
        `${name}-service`,
        {
            metadata: { ...metadata, annotations: serviceAnnotations },
            spec: { selector: labels, ...buildPorts(exposure, gateway.publicPort) },
        },
        child,
    );
    if (exposure.ingressClass !== undefined) {
        const ingress = new k8s.networking.v1.Ingress(
            `${name}-ingress`,
            {
                metadata: {
                    ...metadata,
                    annotations: { ...streamingAnnotations, ...ingressAnnotations },
                },
                spec: buildIngressSpec(exposure.ingressClass, gateway, service.metadata.name),
            },
            child,
        );
        return ingress.status.apply(findAddress);
    }
    return exposure.loadBalancer === true ? service.status.apply(findAddress) : undefined;
}

/** The part of the status of a Service or an Ingress that tells its public address. */
export interface ExposedStatus {
    loadBalancer?: { ingress?: { hostname?: string; ip?: string }[] };
}

/** Public address of a Service or an Ingress; empty while a controller has given none. */
export function findAddress(status: ExposedStatus | undefined): string {
    const [first] = status?.loadBalancer?.ingress ?? [];
    return first?.hostname || first?.ip || "";
}

function buildPorts(exposure: Exposure, publicPort: number) {
    if (exposure.ingressClass !== undefined) {
        return { type: "ClusterIP", ports: [{ name: "http", port: 80, targetPort: "http" }] };
    }
    const https = { name: "https", port: publicPort, targetPort: "https" };
    return exposure.nodePort !== undefined
        ? { type: "NodePort", ports: [{ ...https, nodePort: exposure.nodePort }] }
        : { type: "LoadBalancer", ports: [https] };
}

function buildIngressSpec(
    ingressClassName: string,
    { hosts, certificateName }: ExposedGateway,
    serviceName: pulumi.Input<string>,
): k8s.types.input.networking.v1.IngressSpec {
    const backend = { service: { name: serviceName, port: { name: "http" } } };
    return {
        ingressClassName,
        tls: [{ hosts, secretName: certificateName }],
        rules: hosts.map((host) => ({
            host,
            http: { paths: [{ path: "/", pathType: "Prefix", backend }] },
        })),
    };
}
