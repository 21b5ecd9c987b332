import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Full DNS name of a Service: NGINX resolvers have no search path. */
export function buildServiceHost(
    service: pulumi.Input<string>,
    namespace: pulumi.Input<string>,
): pulumi.Output<string> {
    return pulumi.interpolate`${service}.${namespace}.svc.cluster.local`;
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
