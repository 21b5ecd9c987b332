import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Full DNS name of a Service: a gateway's resolver has no search path. */
export function buildServiceHost(
    service: pulumi.Input<string>,
    namespace: pulumi.Input<string>,
): pulumi.Output<string> {
    return pulumi.interpolate`${service}.${namespace}.svc.cluster.local`;
}

/**
 * A Service that lists every pod by DNS, those that are not ready or that stop as well: a session lives in one pod until
 * that is gone.
 */
export function buildPeersSpec(
    selector: Record<string, string>,
    port: number,
): k8s.types.input.core.v1.ServiceSpec {
    const spec = buildServiceSpec(selector, port);
    return { ...spec, clusterIP: "None", publishNotReadyAddresses: true };
}

/** A Service in front of pods; with `clusterIP: "None"` it lists them instead. */
export function buildServiceSpec(
    selector: Record<string, string>,
    port: number,
): k8s.types.input.core.v1.ServiceSpec {
    return { selector, ports: [{ name: "http", port, targetPort: "http" }] };
}
