import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { dnsDefaults } from "./defaults.ts";

type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** Pods as network policies select them. */
export interface PodSelector {
    /**
     * Namespace of the pods.
     *
     * @default the namespace of the policy
     */
    namespace?: pulumi.Input<string>;
    /**
     * Labels of the pods.
     *
     * @default every pod of the namespace
     */
    labels?: Record<string, string>;
}

/** DNS of the cluster, where it is not as most clusters have it. */
export interface ClusterDns {
    /**
     * Domain with which the DNS names of Services end, without dots around it.
     *
     * @default `dnsDefaults.clusterDomain`
     */
    clusterDomain?: string;
    /**
     * Ports at which the pods of cluster DNS listen, which network policies allow: CoreDNS of OpenShift has 5353 behind
     * port 53 of its Service, so there it is `[53, 5353]`.
     *
     * @default `dnsDefaults.dnsPorts`
     */
    dnsPorts?: number[];
}

/** DNS lookups to any address: the labels of cluster DNS differ between distributions. */
export function buildDnsEgress({
    dnsPorts = dnsDefaults.dnsPorts,
}: ClusterDns): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
    const ports = [...new Set(dnsPorts)].flatMap((port) => [
        { protocol: "UDP", port },
        { protocol: "TCP", port },
    ]);
    return { ports };
}

/**
 * TCP ports, each once. A policy is applied after a Service has translated the address: its ports are those of pods, which
 * may differ from the Service's.
 */
export function tcpPorts(...ports: number[]): Port[] {
    return [...new Set(ports)].map((port) => ({ protocol: "TCP", port }));
}

/** The peer of a policy rule that stands for these pods. */
export function buildPodPeer({ namespace, labels = {} }: PodSelector): Peer {
    const podSelector = { matchLabels: labels };
    return namespace === undefined
        ? { podSelector }
        : {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
              podSelector,
          };
}
