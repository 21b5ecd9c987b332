import type * as k8s from "@pulumi/kubernetes";

import { roleLabels } from "../../pods/labels.ts";

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

/** Pods that may reach a server's port without passing the gateway, such as those that read metrics. */
export interface IngressRule {
    /** Their namespace, by name. Without it: the server's own. */
    namespace?: string;
    /** Their labels. Without them: every pod of the namespace. */
    pods?: Record<string, string>;
}

/** Whom a server's policy lets in and out. */
export interface PolicyRules {
    /** Other servers of the namespace, by their labels. */
    callers: Record<string, string>[];
    ingress: IngressRule[];
    egress: EgressRule[];
    /** Whether the server's pods may reach each other: bridges hand a session's requests to the pod that has it. */
    amongPods: boolean;
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

/** Lets the gateway and whoever is named in, and out only what is listed. */
export function buildServerPolicy(
    labels: Record<string, string>,
    port: number,
    { callers, ingress, egress, amongPods }: PolicyRules,
): NetworkPolicySpec {
    const ports = [{ protocol: "TCP", port }];
    const own = amongPods ? [buildPodPeer({ pods: labels })] : [];
    const from = [roleLabels("gateway"), ...callers].map((pods) => buildPodPeer({ pods }));
    return {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [...from, ...own, ...ingress.map(buildPodPeer)], ports }],
        egress: [dnsEgress, ...(amongPods ? [{ to: own, ports }] : []), ...egress.map(buildEgress)],
    };
}

function buildEgress({ cidr, except, ports, ...pods }: EgressRule): EgressSpec {
    const peer = cidr === undefined ? buildPodPeer(pods) : { ipBlock: { cidr, except } };
    return { to: [peer], ports: ports?.map((port) => ({ protocol: "TCP", port })) };
}

function buildPodPeer({ namespace, pods = {} }: IngressRule): Peer {
    const podSelector = { matchLabels: pods };
    return namespace === undefined
        ? { podSelector }
        : {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
              podSelector,
          };
}
