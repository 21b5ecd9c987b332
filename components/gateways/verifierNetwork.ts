import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { TokenIssuer } from "../identity/args.ts";
import { identityDefaults } from "../identity/defaults.ts";
import { buildDnsEgress, buildPodPeer, type PodSelector, tcpPorts } from "../pods/network.ts";
import { verifierPorts } from "./verifierPods.ts";

/** Who may reach a verifier, and what it reaches. */
export interface VerifierNetwork {
    labels: Record<string, string>;
    identity: TokenIssuer;
    gatewayPods: PodSelector;
    managers: PodSelector[];
    dnsPorts: number[] | undefined;
}

/**
 * Admits the gateway, and to the management port the other pods and `managers`; out to issuers, DNS and the other pods
 * only. Policies know addresses, not host names: the ports of the issuers are open to any address.
 */
export function buildVerifierPolicy({
    labels,
    identity,
    gatewayPods,
    managers,
    dnsPorts,
}: VerifierNetwork): k8s.types.input.networking.v1.NetworkPolicySpec {
    const itself = buildPodPeer({ labels });
    const management = tcpPorts(verifierPorts.management);
    return {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
            { from: [buildPodPeer(gatewayPods)], ports: tcpPorts(verifierPorts.gateway) },
            { from: [itself, ...managers.map(buildPodPeer)], ports: management },
        ],
        egress: [
            buildDnsEgress({ dnsPorts }),
            {
                ports: listIssuerPorts(identity).apply((ports) =>
                    ports.map((port) => ({ protocol: "TCP", port })),
                ),
            },
            { to: [itself], ports: management },
        ],
    };
}

function listIssuerPorts(identity: TokenIssuer): pulumi.Output<number[]> {
    const { jwksUri, jwksPort, introspection, furtherIssuers = [] } = identity;
    const endpoint = introspection?.endpoint;
    return pulumi.output({ jwksUri, jwksPort, endpoint }).apply((known) => [
        ...new Set([
            known.jwksPort ?? portOf(known.jwksUri),
            // Without a port of its own, it is where the keys are: at the same Service.
            ...(known.endpoint === undefined || sameHost(known.endpoint, known.jwksUri)
                ? []
                : [portOf(known.endpoint)]),
            ...furtherIssuers.map(
                (further) =>
                    further.jwksPort ??
                    portOf(further.jwksUri ?? identityDefaults.jwksUri(further.issuer)),
            ),
        ]),
    ]);
}

function sameHost(one: string, other: string): boolean {
    return new URL(one).host === new URL(other).host;
}

function portOf(url: string): number {
    const { port, protocol } = new URL(url);
    return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
