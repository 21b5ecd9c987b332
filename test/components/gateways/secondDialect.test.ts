import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { provideCertificate } from "../../../components/gateways/certificate.ts";
import { exposeGateway } from "../../../components/gateways/exposure.ts";
import { type Gateway, type GatewayArgs, listHosts } from "../../../components/gateways/gateway.ts";
import { TokenVerifier, verifiedServer } from "../../../components/gateways/tokenVerifier.ts";
import { McpServer } from "../../../components/index.ts";
import { only, recordResources, valueOf } from "../../support/recordResources.ts";

const namespace = "edge";
const labels = { app: "router" };

/** Pods of the dialect, in a namespace of their own. */
const routerPods = { namespace, labels };

/** A dialect that the components do not know: it uses what every gateway is given, and nothing of NGINX. */
class RouterGateway extends pulumi.ComponentResource implements Gateway {
    readonly endpoints: Gateway["endpoints"];
    readonly caCertificate: Gateway["caCertificate"];
    readonly certificateValidity: Gateway["certificateValidity"];
    readonly loadBalancerAddress: Gateway["loadBalancerAddress"];

    constructor(name: string, args: GatewayArgs & { verifierImage: string }) {
        super("test:index:RouterGateway", name, {});
        const child = { parent: this };
        const hosts = listHosts(args.address.host, args.routes);
        const certificate = provideCertificate(name, hosts, args.tls, namespace, child);
        const servers = args.routes.map(verifiedServer);
        const { identity, verifierImage: image } = args;
        const verifierArgs = { namespace, image, identity, gatewayPods: routerPods, servers };
        new TokenVerifier(`${name}-verifier`, verifierArgs, child);
        const table = args.routes.map(
            ({ prefix, serviceName, namespace: place, port }) =>
                pulumi.interpolate`${prefix} ${serviceName}.${place}:${port}`,
        );
        const data = { table: pulumi.all(table).apply((lines) => lines.join("\n")) };
        new k8s.core.v1.ConfigMap(`${name}-table`, { metadata: { namespace }, data }, child);
        const exposed = { name, namespace, labels, hosts, publicPort: 443 };
        const { secretName: certificateName } = certificate;
        const annotations = { serviceAnnotations: undefined, ingressAnnotations: undefined };
        this.loadBalancerAddress = exposeGateway(
            args.exposure,
            { ...exposed, certificateName, ...annotations },
            child,
        );
        this.endpoints = pulumi.output(
            Object.fromEntries(args.routes.map(({ server, resource }) => [server, resource])),
        );
        this.caCertificate = certificate.caCertificate;
        this.certificateValidity = certificate.validity;
    }
}

describe("a second dialect of the gateway", () => {
    it("needs no change elsewhere: routes name Services, and policies admit the pods that it names", async () => {
        const address = { host: "mcp.example.org" };
        const recording = await recordResources(async () => {
            const server = new McpServer("weather", {
                namespace: "tools",
                image: "registry.example.org/weather:1.0.0",
                gatewayPods: routerPods,
                address,
            });
            const gateway = new RouterGateway("router", {
                namespace,
                address,
                tls: { selfSigned: true },
                exposure: { loadBalancer: true },
                identity: {
                    issuer: "https://auth.example.org/realms/tools",
                    jwksUri: "https://auth.example.org/certs",
                },
                routes: [server.route],
                verifierImage: "registry.example.org/bridge:1.0.0",
            });
            assert.equal(await valueOf(gateway.loadBalancerAddress!), "203.0.113.9");
        });
        const admitted = {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "edge" } },
            podSelector: { matchLabels: labels },
        };
        for (const policy of ["weather-network", "router-verifier-network"]) {
            const { ingress } = only(recording, "NetworkPolicy", policy).inputs.spec;
            assert.deepEqual(ingress[0].from, [admitted]);
        }
        const { table } = only(recording, "ConfigMap", "router-table").inputs.data;
        assert.equal(table, "/weather weather.tools:8000");
    });
});
