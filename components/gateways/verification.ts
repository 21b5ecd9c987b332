import type * as pulumi from "@pulumi/pulumi";

import type { PodSelector } from "../pods/network.ts";
import type { RoutingArgs } from "./gateway.ts";
import { TokenVerifier, verifiedServer } from "./tokenVerifier.ts";

/** The servers of a gateway, and the image of the verifier of their tokens. */
export interface VerifiedRoutes extends RoutingArgs {
    /** Bridge image, pinned: the token verifier runs from it. */
    verifierImage: pulumi.Input<string>;
}

/** Creates the verifier of a gateway; only `gatewayPods` may reach it. */
export function createVerifier(
    name: string,
    args: VerifiedRoutes,
    gatewayPods: PodSelector,
    parent: pulumi.Resource,
): TokenVerifier {
    const verifierArgs = {
        namespace: args.namespace,
        image: args.verifierImage,
        identity: args.identity,
        pullSecretName: args.pullSecretName,
        ...args.verifier,
        nodeSelector: args.nodeSelector,
        tolerations: args.tolerations,
        affinity: args.affinity,
        priorityClassName: args.priorityClassName,
        clusterDomain: args.clusterDomain,
        dnsPorts: args.dnsPorts,
        gatewayPods,
        servers: args.routes.map(verifiedServer),
    };
    return new TokenVerifier(`${name}-verifier`, verifierArgs, { parent });
}
