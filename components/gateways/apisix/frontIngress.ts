import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { type ExposedStatus, findAddress, streamingAnnotations } from "../exposure.ts";
import { resourceMetadataPath } from "../gateway.ts";
import type { Route } from "../route.ts";
import type { EnterpriseInferenceArgs } from "./args.ts";
import { apisixDefaults } from "./defaults.ts";

/** What the Ingress in front of APISIX leads to it. */
export interface FrontedRoutes {
    labels: Record<string, string>;
    routes: (Route & { host: string })[];
    /** Secret with the certificate, in the namespace of the Ingress. */
    certificateName: pulumi.Input<string>;
}

/**
 * Creates the Ingress of Enterprise-Inference: it terminates TLS beside APISIX and leads the paths of the servers to it, and
 * no others, as models have the same host. Returns its address.
 */
export function createFrontIngress(
    name: string,
    args: EnterpriseInferenceArgs,
    fronted: FrontedRoutes,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const defaults = apisixDefaults.enterpriseInference;
    const { namespace = defaults.namespace, annotations } = args;
    const ingress = new k8s.networking.v1.Ingress(
        `${name}-ingress`,
        {
            metadata: {
                namespace,
                labels: fronted.labels,
                annotations: { ...streamingAnnotations, ...annotations },
            },
            spec: buildIngressSpec(args, fronted),
        },
        child,
    );
    return ingress.status.apply((status: ExposedStatus | undefined) => findAddress(status));
}

function buildIngressSpec(
    args: EnterpriseInferenceArgs,
    { routes, certificateName }: FrontedRoutes,
): k8s.types.input.networking.v1.IngressSpec {
    const defaults = apisixDefaults.enterpriseInference;
    const { ingressClassName = defaults.ingressClassName } = args;
    const { serviceName = defaults.serviceName, servicePort = defaults.servicePort } = args;
    const backend = { service: { name: serviceName, port: { number: servicePort } } };
    const hosts = [...new Set(routes.map(({ host }) => host))];
    return {
        ingressClassName,
        tls: [{ hosts, secretName: certificateName }],
        rules: hosts.map((host) => ({
            host,
            http: {
                paths: routes
                    .filter((route) => route.host === host)
                    .flatMap(listPaths)
                    .map(({ path, pathType }) => ({ path, pathType, backend })),
            },
        })),
    };
}

/** `Prefix` compares whole segments: `/mcp` is not a prefix of `/mcpx`. */
function listPaths({ prefix, publicPaths, openPaths, resource }: Route) {
    return [
        { path: resourceMetadataPath(resource), pathType: "Exact" },
        ...[...publicPaths, ...openPaths].map((path) => ({
            path: prefix + path,
            pathType: "Prefix",
        })),
    ];
}
