import type * as pulumi from "@pulumi/pulumi";

import type { PodSelector } from "../pods/network.ts";
import type { ApisixGatewayArgs } from "./apisix/args.ts";
import { ApisixGateway, apisixGatewayPods } from "./apisix/apisixGateway.ts";
import type { Gateway } from "./gateway.ts";
import type { IngressGatewayArgs } from "./ingress/args.ts";
import { IngressGateway, ingressGatewayPods } from "./ingress/ingressGateway.ts";
import { NginxGateway, type NginxGatewayArgs, nginxGatewayPods } from "./nginx/nginxGateway.ts";

/** Arguments of each kind of gateway. */
interface KindArgs {
    nginx: NginxGatewayArgs;
    apisix: ApisixGatewayArgs;
    ingress: IngressGatewayArgs;
}

/** Kind of a gateway. */
export type GatewayKind = keyof KindArgs;

/** A kind with its arguments. */
export type GatewayChoice<Kind extends GatewayKind = GatewayKind> = {
    [K in Kind]: { kind: K } & KindArgs[K];
}[Kind];

/** The arguments that tell where the pods of a gateway are. */
export type GatewayPlace =
    | { kind: "nginx" }
    | ({ kind: "apisix" } & Parameters<typeof apisixGatewayPods>[0])
    | ({ kind: "ingress" } & Parameters<typeof ingressGatewayPods>[0]);

type Create<Kind extends GatewayKind> = (
    name: string,
    args: KindArgs[Kind],
    opts: pulumi.ComponentResourceOptions,
) => Gateway;

/** The component of each kind, and its type in URNs. */
const kinds: { [Kind in GatewayKind]: { type: string; create: Create<Kind> } } = {
    nginx: {
        type: "slipway:index:NginxGateway",
        create: (name, args, opts) => new NginxGateway(name, args, opts),
    },
    apisix: {
        type: "slipway:index:ApisixGateway",
        create: (name, args, opts) => new ApisixGateway(name, args, opts),
    },
    ingress: {
        type: "slipway:index:IngressGateway",
        create: (name, args, opts) => new IngressGateway(name, args, opts),
    },
};

/**
 * Creates the gateway of a kind. It keeps what a gateway of another kind had under this name and has in common with it, its
 * verifier and its self-signed certificate, so that a stack can change the kind.
 */
export function createGateway<Kind extends GatewayKind>(
    name: string,
    { kind, ...args }: GatewayChoice<Kind>,
    opts: pulumi.ComponentResourceOptions = {},
): Gateway {
    const others = Object.values(kinds).filter(({ type }) => type !== kinds[kind].type);
    const aliases = [...(opts.aliases ?? []), ...others.map(({ type }) => ({ type }))];
    const create = kinds[kind].create as Create<GatewayKind>;
    return create(name, args, { ...opts, aliases });
}

/** The pods that forward requests to the servers, which their network policies must admit. */
export function findGatewayPods(place: GatewayPlace): PodSelector {
    switch (place.kind) {
        case "nginx":
            return nginxGatewayPods;
        case "apisix":
            return apisixGatewayPods(place);
        case "ingress":
            return ingressGatewayPods(place);
    }
}
