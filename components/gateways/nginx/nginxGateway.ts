import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { allowTermination, buildDisruptionSpec, rollingUpdate } from "../../pods/availability.ts";
import { roleLabels, selectorLabels } from "../../pods/labels.ts";
import { buildDnsEgress, buildPodPeer, type PodSelector, tcpPorts } from "../../pods/network.ts";
import { behindPods, buildServiceHost } from "../../pods/services.ts";
import { resolveResources } from "../../pods/resources.ts";
import { refuseInvalidArgs } from "../../problems/argProblem.ts";
import { checkInput } from "../../problems/inputs.ts";
import { findImageProblems } from "../../problems/values.ts";
import { provideCertificate } from "../certificate.ts";
import { gatewayDefaults } from "../defaults.ts";
import { exposeGateway } from "../exposure.ts";
import {
    type CertificateValidity,
    type Gateway,
    type GatewayArgs,
    listHosts,
    listResources,
} from "../gateway.ts";
import type { Route } from "../route.ts";
import {
    findAddressProblems,
    findCountProblems,
    findCarriedProblems,
    findGatewayProblems,
    findIngressProblems,
} from "../rules.ts";
import type { TokenVerifier } from "../tokenVerifier.ts";
import { createVerifier, type VerifiedRoutes } from "../verification.ts";
import { renderNginxConfiguration } from "./configuration.ts";
import { createConfigurationServer } from "./configurationServer.ts";
import {
    buildGatewayPod,
    configurationPort,
    containerSurroundings,
    gracePeriodOf,
} from "./pods.ts";
import type { ResolvedRoute } from "./settings.ts";

export interface NginxGatewayArgs extends GatewayArgs, VerifiedRoutes {
    /**
     * NGINX 1.29.3 or later with bash and GNU sed, as the Debian images of Docker Hub have, by version tag or digest.
     *
     * @default `gatewayDefaults.nginxImage`
     */
    image?: pulumi.Input<string>;
}

/** The pods of an NGINX gateway, which the network policies of servers must admit. */
export const nginxGatewayPods: PodSelector = { labels: roleLabels("gateway") };

/** NGINX in front of all servers: TLS, token check, limits, and streams without buffering or timeouts. */
export class NginxGateway extends pulumi.ComponentResource implements Gateway {
    /** Public address of each server. */
    public readonly endpoints: pulumi.Output<Record<string, string>>;
    /** PEM certificate that clients must trust; undefined when it is not created here. */
    public readonly caCertificate: pulumi.Output<string> | undefined;
    /** When the certificate is replaced and when it expires; undefined when it is not created here. */
    public readonly certificateValidity: pulumi.Output<CertificateValidity> | undefined;
    /** Host name or IP address of the load balancer or Ingress; undefined on a node port. */
    public readonly loadBalancerAddress: pulumi.Output<string> | undefined;

    constructor(name: string, args: NginxGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, address, exposure, routes } = args;
        super("slipway:index:NginxGateway", name, { namespace, address, exposure }, opts);
        refuseInvalidArgs(this, [
            ...findAddressProblems("address", address),
            ...findIngressProblems("address.host", address.host, exposure),
            ...findGatewayProblems(args),
            ...findCarriedProblems(routes, address.host, exposure),
        ]);
        const child = { parent: this };
        const labels = selectorLabels("gateway", name);
        const metadata = { namespace, labels };

        const verifier = createVerifier(name, args, nginxGatewayPods, this);
        const hosts = listHosts(address.host, routes);
        const certificate = provideCertificate(name, hosts, args.tls, namespace, child);
        const resolved = resolveRoutes(args);
        const policy = new k8s.networking.v1.NetworkPolicy(
            `${name}-network`,
            { metadata, spec: buildPolicySpec(labels, args, verifier.port) },
            child,
        );
        const account = new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        const image = checkInput(this, args.image ?? gatewayDefaults.nginxImage, (known) =>
            findImageProblems("image", known),
        );
        const configurationHost = createConfigurationServer(this, name, {
            text: renderConfiguration(args, resolved, verifier),
            image,
            serviceAccountName: account.metadata.name,
            gatewayLabels: labels,
            gateway: args,
        });
        const podSpec = buildGatewayPod({
            labels,
            image,
            serviceAccountName: account.metadata.name,
            configurationHost,
            // The Secret of an Ingress may be made from it, by cert-manager: pods that wait for it would wait for ever.
            certificateName:
                exposure.ingressClass === undefined ? certificate.secretName : undefined,
            pullSecretName: args.pullSecretName,
            longestCallSeconds: findLongestCall(routes),
            resources: resolveResources(
                this,
                "resources",
                args.resources,
                gatewayDefaults.resources,
            ),
            scheduling: args,
        });
        const replicas = checkInput(this, args.replicas ?? gatewayDefaults.replicas, (known) =>
            findCountProblems("replicas", known),
        );
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-pods`,
            { metadata, spec: buildDeploymentSpec(labels, replicas, podSpec) },
            {
                parent: this,
                dependsOn: policy,
                customTimeouts: allowTermination(gracePeriodOf(findLongestCall(routes))),
            },
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-disruptions`,
            { metadata, spec: buildDisruptionSpec(labels) },
            child,
        );
        const publicPort = address.port ?? gatewayDefaults.port;
        const exposed = {
            name,
            namespace,
            labels,
            hosts,
            publicPort,
            certificateName: certificate.secretName,
            serviceAnnotations: args.serviceAnnotations,
            ingressAnnotations: args.ingressAnnotations,
        };
        this.loadBalancerAddress = exposeGateway(exposure, exposed, behindPods(this, deployment));

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
}

/** Adds the DNS names and addresses of the routes' Services. They alone are outputs; the rest of a route is plain. */
function resolveRoutes({
    address,
    routes,
    clusterDomain,
}: NginxGatewayArgs): pulumi.Output<ResolvedRoute[]> {
    const addresses = routes.map((route) =>
        pulumi.all([
            buildServiceHost(route.headlessServiceName, route.namespace, { clusterDomain }),
            buildServiceHost(route.serviceName, route.namespace, { clusterDomain }),
            pulumi.output(route.serviceAddress),
        ]),
    );
    return pulumi.all(addresses).apply((resolved) =>
        routes.map((route, index) => {
            const [podsHost, serviceHost, serviceAddress] = resolved[index]!;
            const host = route.host ?? address.host;
            return { ...route, host, podsHost, serviceHost, serviceAddress };
        }),
    );
}

function renderConfiguration(
    { address, exposure, routes }: NginxGatewayArgs,
    resolvedRoutes: pulumi.Output<ResolvedRoute[]>,
    verifier: TokenVerifier,
): pulumi.Output<string> {
    const { podsHost, serviceHost } = verifier;
    return pulumi.all([resolvedRoutes, podsHost, serviceHost]).apply((resolved) =>
        renderNginxConfiguration(
            {
                routes: resolved[0],
                verifier: { podsHost: resolved[1], serviceHost: resolved[2], port: verifier.port },
                hosts: listHosts(address.host, routes),
                publicPort: address.port ?? gatewayDefaults.port,
                behindProxy: exposure.ingressClass !== undefined,
                longestCallSeconds: findLongestCall(routes),
            },
            containerSurroundings,
        ),
    );
}

/** How long calls may continue in a pod that is told to stop. */
function findLongestCall(routes: Route[]): number {
    return Math.max(...routes.map(({ longestCallSeconds }) => longestCallSeconds));
}

function buildDeploymentSpec(
    labels: Record<string, string>,
    replicas: pulumi.Input<number>,
    podSpec: k8s.types.input.core.v1.PodSpec,
): k8s.types.input.apps.v1.DeploymentSpec {
    return {
        replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        strategy: rollingUpdate,
        template: { metadata: { labels }, spec: podSpec },
    };
}

/** Admits everybody to the public ports; out to the servers, the verifier and DNS only. */
function buildPolicySpec(
    matchLabels: Record<string, string>,
    { exposure, routes, dnsPorts }: NginxGatewayArgs,
    verifierPort: number,
): k8s.types.input.networking.v1.NetworkPolicySpec {
    const { tls, plain, health } = containerSurroundings.ports;
    const publicPort = exposure.ingressClass === undefined ? tls : plain;
    const verifierPods = buildPodPeer({ labels: roleLabels("token-verifier") });
    const configurationPods = buildPodPeer({ labels: roleLabels("gateway-configuration") });
    const anyPod = { namespaceSelector: {} };
    return {
        podSelector: { matchLabels },
        policyTypes: ["Ingress", "Egress"],
        // The health port has metrics; it is behind no Service.
        ingress: [{ ports: tcpPorts(publicPort) }, { from: [anyPod], ports: tcpPorts(health) }],
        egress: [
            buildDnsEgress({ dnsPorts }),
            { to: [verifierPods], ports: tcpPorts(verifierPort) },
            { to: [configurationPods], ports: tcpPorts(configurationPort) },
            ...routes.map(({ namespace, podLabels, port }) => ({
                to: [buildPodPeer({ namespace, labels: podLabels })],
                ports: tcpPorts(port),
            })),
        ],
    };
}
