import type * as k8s from "@pulumi/kubernetes";

import { roleLabels } from "../labels.ts";

/** Something a server may reach besides DNS: addresses, or pods of the cluster. */
export interface EgressRule {
    /** Addresses, such as `203.0.113.0/24`; `0.0.0.0/0` is everything. */
    cidr?: string;
    /** Parts of `cidr` that stay closed. */
    except?: string[];
    /** Namespace of the pods, by name. Without `cidr` and `namespace`: the server's own. */
    namespace?: string;
    /** Labels of the pods. */
    pods?: Record<string, string>;
    /** TCP ports; all when left out. */
    ports?: number[];
}

type NetworkPolicySpec = k8s.types.input.networking.v1.NetworkPolicySpec;
type EgressSpec = k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;

/** Name lookups, wherever the resolver is: cluster DNS has no label that all distributions share. */
export const dnsEgress: EgressSpec = {
    ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
    ],
};

/** Lets the gateway and the named servers in, and out only what is listed. */
export function buildServerPolicy(
    labels: Record<string, string>,
    port: number,
    callers: Record<string, string>[],
    egress: EgressRule[],
): NetworkPolicySpec {
    const from = [roleLabels("gateway"), ...callers].map((matchLabels) => ({
        podSelector: { matchLabels },
    }));
    return {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from, ports: [{ protocol: "TCP", port }] }],
        egress: [dnsEgress, ...egress.map(buildEgress)],
    };
}

function buildEgress({ cidr, except, namespace, pods, ports }: EgressRule): EgressSpec {
    const peer: Peer =
        cidr === undefined
            ? {
                  namespaceSelector:
                      namespace === undefined
                          ? undefined
                          : { matchLabels: { "kubernetes.io/metadata.name": namespace } },
                  podSelector: { matchLabels: pods ?? {} },
              }
            : { ipBlock: { cidr, except } };
    return { to: [peer], ports: ports?.map((port) => ({ protocol: "TCP", port })) };
}
