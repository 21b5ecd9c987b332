import type * as pulumi from "@pulumi/pulumi";

import type { PodSelector } from "../../pods/network.ts";
import type { VerifiedRoutes } from "../verification.ts";

/** The Ingress controller that carries the servers. */
export const IngressFlavor = {
    /** kubernetes/ingress-nginx, retired in March 2026: Ingresses with annotations. */
    ingressNginx: "ingress-nginx",
    /** F5 NGINX Ingress Controller from 5.5, open source: VirtualServers and Policies; it needs `-enable-snippets`. */
    nginxInc: "nginx-inc",
} as const;
export type IngressFlavor = (typeof IngressFlavor)[keyof typeof IngressFlavor];

export interface IngressGatewayArgs extends VerifiedRoutes {
    /** The controller: `ingress-nginx` or `nginx-inc`. */
    flavor: IngressFlavor;
    /**
     * Class of the controller.
     *
     * @default `ingressDefaults.ingressClassName`
     */
    ingressClassName?: string;
    /**
     * Pods of the controller, which network policies admit.
     *
     * @default the pods of the controller's chart, in `ingressDefaults.pods`
     */
    pods?: PodSelector;
    /**
     * Further annotations of the Ingresses or VirtualServers, for cert-manager, external-dns and others; they win over
     * those set here.
     *
     * @default {}
     */
    annotations?: Record<string, pulumi.Input<string>>;
}
