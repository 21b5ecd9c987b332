import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

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

/** DNS lookups to any address: the labels of cluster DNS differ between distributions. */
export const dnsEgress: k8s.types.input.networking.v1.NetworkPolicyEgressRule = {
    ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
    ],
};

/** TCP ports, each once. */
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
