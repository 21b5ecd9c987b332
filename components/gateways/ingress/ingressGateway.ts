import * as pulumi from "@pulumi/pulumi";

import { selectorLabels } from "../../pods/labels.ts";
import type { PodSelector } from "../../pods/network.ts";
import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { provideCertificate } from "../certificate.ts";
import { type CertificateValidity, type Gateway, listHosts, listResources } from "../gateway.ts";
import { findRoutingProblems } from "../rules.ts";
import { createVerifier } from "../verification.ts";
import { IngressFlavor, type IngressGatewayArgs } from "./args.ts";
import { ingressDefaults } from "./defaults.ts";
import { createIngresses } from "./ingressNginx.ts";
import { createVirtualServers } from "./nginxInc.ts";
import { findIngressGatewayProblems } from "./rules.ts";

/** The pods of the Ingress controller, which the network policies of servers must admit. */
export function ingressGatewayPods({
    flavor,
    pods,
}: Pick<IngressGatewayArgs, "flavor" | "pods">): PodSelector {
    return { ...ingressDefaults.pods[flavor], ...pods };
}

/** Routes through an Ingress controller that the cluster has, with the token verifier as its external authentication. */
export class IngressGateway extends pulumi.ComponentResource implements Gateway {
    /** Public address of each server. */
    public readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate that clients must trust; undefined when it is not created here. */
    public readonly caCertificate: pulumi.Output<string> | undefined;
    /** When the certificate is replaced and when it expires; undefined when it is not created here. */
    public readonly certificateValidity: pulumi.Output<CertificateValidity> | undefined;
    /** Host name or IP address of the controller; undefined where its objects do not tell. */
    public readonly loadBalancerAddress: pulumi.Output<string> | undefined;

    constructor(name: string, args: IngressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, address, flavor, annotations = {} } = args;
        super("slipway:index:IngressGateway", name, { namespace, address, flavor }, opts);
        refuseInvalidArgs(this, [
            ...findRoutingProblems(args),
            ...findIngressGatewayProblems(args),
        ]);
        const child = { parent: this };
        const routes = args.routes.map((route) => ({ ...route, host: route.host ?? address.host }));
        const hosts = listHosts(address.host, routes);
        const certificate = provideCertificate(name, hosts, args.tls, namespace, child);
        const verifier = createVerifier(name, args, ingressGatewayPods(args), this);
        const { serviceHost, serviceName, port } = verifier;
        const create = flavor === IngressFlavor.nginxInc ? createVirtualServers : createIngresses;
        const created = create(
            name,
            {
                namespace,
                labels: selectorLabels("gateway", name),
                routes,
                hosts,
                ingressClassName: args.ingressClassName ?? ingressDefaults.ingressClassName,
                annotations,
                certificateName: certificate.secretName,
                verifier: {
                    url: pulumi.interpolate`http://${serviceHost}:${port}`,
                    serviceName,
                    port,
                },
            },
            child,
        );

        this.endpoints = pulumi.output(listResources(routes));
        this.caCertificate = certificate.caCertificate;
        this.certificateValidity = certificate.validity;
        this.loadBalancerAddress = created.address;
        this.registerOutputs({
            endpoints: this.endpoints,
            caCertificate: this.caCertificate,
            certificateValidity: this.certificateValidity,
            loadBalancerAddress: this.loadBalancerAddress,
        });
    }
}
