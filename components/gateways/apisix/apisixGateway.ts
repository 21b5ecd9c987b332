import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { selectorLabels } from "../../pods/labels.ts";
import type { PodSelector } from "../../pods/network.ts";
import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { provideCertificate } from "../certificate.ts";
import { type CertificateValidity, type Gateway, listHosts, listResources } from "../gateway.ts";
import type { Route } from "../route.ts";
import { findRoutingProblems } from "../rules.ts";
import { createVerifier } from "../verification.ts";
import { ApisixAuthentication, type ApisixGatewayArgs } from "./args.ts";
import type { Authentication } from "./authentication.ts";
import { apisixDefaults } from "./defaults.ts";
import { createFrontIngress } from "./frontIngress.ts";
import { installApisix } from "./install.ts";
import { apisixVersion, buildRouteSpec, buildUpstreamSpec } from "./routes.ts";
import { findApisixProblems, findUnverifiedProblems } from "./rules.ts";

/** The pods of APISIX, which the network policies of servers must admit. */
export function apisixGatewayPods({
    pods,
    install,
    enterpriseInference,
}: Pick<ApisixGatewayArgs, "pods" | "install" | "enterpriseInference">): PodSelector {
    const fronted = enterpriseInference && apisixDefaults.enterpriseInference.namespace;
    const namespace = install?.namespace ?? enterpriseInference?.namespace ?? fronted;
    return {
        namespace: namespace ?? apisixDefaults.namespace,
        labels: apisixDefaults.podLabels,
        ...pods,
    };
}

/** Routes through APISIX, an existing one or one that is installed: token check, limits, streams without buffering. */
export class ApisixGateway extends pulumi.ComponentResource implements Gateway {
    /** Public address of each server. */
    public readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate that clients must trust; undefined when it is not created here. */
    public readonly caCertificate: pulumi.Output<string> | undefined;
    /** When the certificate is replaced and when it expires; undefined when it is not created here. */
    public readonly certificateValidity: pulumi.Output<CertificateValidity> | undefined;
    /** Host name or IP address of the Ingress of `enterpriseInference`; undefined without it. */
    public readonly loadBalancerAddress: pulumi.Output<string> | undefined;

    constructor(name: string, args: ApisixGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, address, enterpriseInference, install } = args;
        super("slipway:index:ApisixGateway", name, { namespace, address }, opts);
        const names = args.routes.map(({ server }) => server);
        const { authentication: by, routes: servers } = args;
        const { furtherIssuers } = args.identity;
        refuseInvalidArgs(this, [
            ...findRoutingProblems(args),
            ...findApisixProblems(args, names),
            ...findUnverifiedProblems("routes", { authentication: by, furtherIssuers, servers }),
        ]);
        const { ingressClassName = apisixDefaults.ingressClassName } = args;
        const routes = args.routes.map((route) => ({ ...route, host: route.host ?? address.host }));
        const hosts = listHosts(address.host, routes);
        const child = { parent: this };
        const installed =
            install === undefined ? [] : installApisix(name, ingressClassName, install, child);
        const dependent = { parent: this, dependsOn: installed };

        const fronted = apisixDefaults.enterpriseInference.namespace;
        const certificate = provideCertificate(
            name,
            hosts,
            args.tls,
            enterpriseInference === undefined
                ? namespace
                : (enterpriseInference.namespace ?? fronted),
            child,
        );
        const authentication = this.authenticate(name, args);
        for (const route of routes) {
            this.createRoute(name, route, { args, ingressClassName, authentication }, dependent);
        }
        const labels = selectorLabels("gateway", name);
        const { secretName: certificateName } = certificate;
        if (enterpriseInference === undefined) {
            const secret = { name: certificateName, namespace };
            const spec = { ingressClassName, hosts, secret };
            const metadata = { namespace, labels };
            new k8s.apiextensions.CustomResource(
                `${name}-tls`,
                { apiVersion: apisixVersion, kind: "ApisixTls", metadata, spec },
                dependent,
            );
        } else {
            this.loadBalancerAddress = createFrontIngress(
                name,
                enterpriseInference,
                { labels, routes, certificateName },
                child,
            );
        }

        this.endpoints = pulumi.output(listResources(routes));
        this.caCertificate = certificate.caCertificate;
        this.certificateValidity = certificate.validity;
        this.registerOutputs({
            endpoints: this.endpoints,
            caCertificate: this.caCertificate,
            certificateValidity: this.certificateValidity,
            loadBalancerAddress: this.loadBalancerAddress,
        });
    }

    /** Creates the verifier where it verifies tokens. */
    private authenticate(name: string, args: ApisixGatewayArgs): Authentication {
        const { identity, openidConnect = {} } = args;
        const by = args.authentication ?? ApisixAuthentication.forwardAuth;
        const { issuer } = identity;
        const { discovery, introspectionEndpoint } = apisixDefaults;
        const known = pulumi.output(issuer);
        const settings = {
            by,
            issuer,
            discovery: openidConnect.discovery ?? known.apply(discovery),
            introspectionEndpoint:
                openidConnect.introspectionEndpoint ?? known.apply(introspectionEndpoint),
            clientSecretName: openidConnect.clientSecretName,
        };
        if (by !== ApisixAuthentication.forwardAuth) {
            return { ...settings, issuers: [issuer], verifier: "" };
        }
        const further = (identity.furtherIssuers ?? []).map((one) => one.issuer);
        const { serviceHost, port } = createVerifier(name, args, apisixGatewayPods(args), this);
        const verifier = pulumi.interpolate`http://${serviceHost}:${port}`;
        return { ...settings, issuers: [issuer, ...further], verifier };
    }

    /** Both objects are in the server's namespace: rules reach no Service of another. */
    private createRoute(
        name: string,
        route: Route & { host: string },
        gateway: {
            args: ApisixGatewayArgs;
            ingressClassName: string;
            authentication: Authentication;
        },
        opts: pulumi.CustomResourceOptions,
    ): void {
        const { args, ingressClassName, authentication } = gateway;
        const { server, namespace, serviceName } = route;
        const labels = selectorLabels("gateway", name);
        const { callerLimits = {}, toolLimits = [] } = args;
        const upstream = new k8s.apiextensions.CustomResource(
            `${name}-${server}-upstream`,
            {
                apiVersion: apisixVersion,
                kind: "ApisixUpstream",
                metadata: { name: serviceName, namespace, labels },
                spec: buildUpstreamSpec(ingressClassName),
            },
            opts,
        );
        const spec = buildRouteSpec({
            route,
            ingressClassName,
            authentication,
            callerLimits,
            toolLimits: toolLimits.filter((limit) => limit.server === server),
        });
        new k8s.apiextensions.CustomResource(
            `${name}-${server}`,
            {
                apiVersion: apisixVersion,
                kind: "ApisixRoute",
                metadata: { namespace, labels },
                spec,
            },
            { ...opts, dependsOn: [upstream] },
        );
    }
}
