import type * as k8s from "@pulumi/kubernetes";

import { selectorLabels } from "../../pods/labels.ts";
import { buildDnsEgress, buildPodPeer, tcpPorts } from "../../pods/network.ts";
import type { ServerDeploymentArgs } from "./args.ts";
import type { EgressRule, IngressRule } from "./settings.ts";

/** Admits the gateway, callers and `ingress`; allows DNS and `egress`. */
export function buildServerPolicy(
    labels: Record<string, string>,
    port: number,
    {
        gatewayPods,
        callers = [],
        ingress = [],
        egress = [],
        bridge,
        dnsPorts,
    }: ServerDeploymentArgs,
): k8s.types.input.networking.v1.NetworkPolicySpec {
    const ports = tcpPorts(port);
    // Bridges forward a session's requests to the pod that has it.
    const own = bridge === undefined ? [] : [buildPodPeer({ labels })];
    const from = [
        buildPodPeer(gatewayPods),
        ...callers.map((caller) => buildPodPeer({ labels: selectorLabels("server", caller) })),
        ...own,
        ...ingress.map(buildPeer),
    ];
    return {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from, ports }],
        egress: [
            buildDnsEgress({ dnsPorts }),
            ...(own.length === 0 ? [] : [{ to: own, ports }]),
            ...egress.map(buildEgress),
        ],
    };
}

function buildEgress({ cidr, except, ports, ...pods }: EgressRule) {
    const peer = cidr === undefined ? buildPeer(pods) : { ipBlock: { cidr, except } };
    return { to: [peer], ports: ports === undefined ? undefined : tcpPorts(...ports) };
}

function buildPeer({ namespace, pods }: IngressRule) {
    return buildPodPeer({ namespace, labels: pods });
}
