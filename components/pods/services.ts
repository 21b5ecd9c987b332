import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { dnsDefaults } from "./defaults.ts";
import type { ClusterDns } from "./network.ts";

/** Full DNS name of a Service: NGINX resolvers have no search path. */
export function buildServiceHost(
    service: pulumi.Input<string>,
    namespace: pulumi.Input<string>,
    { clusterDomain = dnsDefaults.clusterDomain }: ClusterDns,
): pulumi.Output<string> {
    return pulumi.interpolate`${service}.${namespace}.svc.${clusterDomain}`;
}

/** A Service with one address in front of its pods. */
export function buildServiceSpec(
    selector: Record<string, string>,
    port: number,
): k8s.types.input.core.v1.ServiceSpec {
    return { selector, ports: [{ name: "http", port, targetPort: "http" }] };
}

/** A headless Service: its DNS name resolves to the address of every ready pod. */
export function buildHeadlessSpec(
    selector: Record<string, string>,
    port: number,
): k8s.types.input.core.v1.ServiceSpec {
    return { ...buildServiceSpec(selector, port), clusterIP: "None" };
}

/** Annotation with which the engine creates a Service without waiting for a ready pod behind it. */
export const withoutAwait = { "pulumi.com/skipAwait": "true" };

/**
 * Options of a Service that the engine creates after its pods. It waits for them, and would wait in vain where the
 * engine's parallel operations are all Services that wait.
 */
export function behindPods(
    parent: pulumi.Resource,
    deployment: k8s.apps.v1.Deployment,
): pulumi.CustomResourceOptions {
    return { parent, dependsOn: deployment };
}
