import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { Exposure } from "../../../../components/gateways/gateway.ts";
import {
    NginxGateway,
    type NginxGatewayArgs,
} from "../../../../components/gateways/nginx/nginxGateway.ts";
import type { Route } from "../../../../components/gateways/route.ts";
import {
    inventory,
    type Json,
    kindOf,
    only,
    recordResources,
    valueOf,
} from "../../../support/recordResources.ts";

const route: Route = {
    server: "weather",
    prefix: "/weather",
    stripPrefix: true,
    publicPaths: ["/mcp"],
    openPaths: [],
    namespace: pulumi.output("tools"),
    serviceName: pulumi.output("weather"),
    headlessServiceName: pulumi.output("weather-addresses"),
    podLabels: { app: "weather" },
    port: 8000,
    resource: "https://mcp.example.org/weather/mcp",
    scopes: ["mcp:weather"],
    limits: { requestsPerSecond: 10, burst: 20, bodyMebibytes: 4 },
    cors: { origins: ["*"] },
    longestCallSeconds: 300,
};

const args: NginxGatewayArgs = {
    namespace: "tools",
    address: { host: "mcp.example.org" },
    tls: { selfSigned: true },
    exposure: { loadBalancer: true },
    identity: {
        issuer: "https://auth.example.org/realms/tools",
        jwksUri: "https://keycloak.keycloak:8443/certs",
        caCertificate: "authority of the issuer",
    },
    routes: [route],
    verifierImage: "registry/bridge@sha256:1",
};

function deploy(more: Partial<NginxGatewayArgs> = {}) {
    return recordResources(() => new NginxGateway("gateway", { ...args, ...more }));
}

describe("NginxGateway", () => {
    it("creates exactly these resources", async () => {
        assert.deepEqual(inventory(await deploy()), [
            "NginxGateway gateway",
            "NginxGateway gateway / ConfigMap gateway-configuration",
            "NginxGateway gateway / Deployment gateway-configuration-pods",
            "NginxGateway gateway / Deployment gateway-pods",
            "NginxGateway gateway / NetworkPolicy gateway-configuration-network",
            "NginxGateway gateway / NetworkPolicy gateway-network",
            "NginxGateway gateway / PodDisruptionBudget gateway-disruptions",
            "NginxGateway gateway / PrivateKey gateway-key",
            "NginxGateway gateway / Secret gateway-tls",
            "NginxGateway gateway / SelfSignedCert gateway-certificate",
            "NginxGateway gateway / Service gateway-configuration-service",
            "NginxGateway gateway / Service gateway-service",
            "NginxGateway gateway / ServiceAccount gateway-account",
            "NginxGateway gateway / TokenVerifier gateway-verifier",
            "NginxGateway gateway / TokenVerifier gateway-verifier / ConfigMap gateway-verifier-settings",
            "NginxGateway gateway / TokenVerifier gateway-verifier / Deployment gateway-verifier-pods",
            "NginxGateway gateway / TokenVerifier gateway-verifier / NetworkPolicy gateway-verifier-network",
            "NginxGateway gateway / TokenVerifier gateway-verifier / PodDisruptionBudget gateway-verifier-disruptions",
            "NginxGateway gateway / TokenVerifier gateway-verifier / Service gateway-verifier-addresses",
            "NginxGateway gateway / TokenVerifier gateway-verifier / Service gateway-verifier-service",
            "NginxGateway gateway / TokenVerifier gateway-verifier / ServiceAccount gateway-verifier-account",
        ]);
    });

    it("has the configuration in as many ConfigMaps as it takes", async () => {
        const routes = Array.from({ length: 1501 }, (_, index) => {
            const server = `server-${index}`;
            const resource = `https://mcp.example.org/${server}/mcp`;
            return { ...route, server, prefix: `/${server}`, resource };
        });
        const recording = await deploy({ routes });
        const { template } = only(recording, "Deployment", "gateway-configuration-pods").inputs
            .spec;
        const [check] = template.spec.initContainers;
        const parts = template.spec.volumes
            .filter(({ configMap }: Json) => configMap !== undefined)
            .map(({ name, configMap }: Json) => ({
                path: check.volumeMounts.find((one: Json) => one.name === name).mountPath,
                part: recording.find(
                    (one) =>
                        kindOf(one) === "ConfigMap" && `${one.name}-0a1b2c3d` === configMap.name,
                )?.inputs.data.part,
            }))
            .sort((one: Json, other: Json) => (one.path < other.path ? -1 : 1));
        assert.equal(parts.length, 2);
        for (const { part } of parts) assert.ok(part.length < 1024 * 1024);
        const text = parts.map(({ part }: Json) => part).join("");
        assert.match(text, /upstream server-0 \{[^]*upstream server-1500 \{[^]*\/healthz/);
    });

    it("keeps its pods when a server is added, and has NGINX check the new configuration", async () => {
        const podsOf = async (routes: Route[]) => {
            const recording = await deploy({ routes });
            return {
                gateway: only(recording, "Deployment", "gateway-pods").inputs,
                text: only(recording, "ConfigMap", "gateway-configuration").inputs.data.part,
                check: only(recording, "Deployment", "gateway-configuration-pods").inputs,
            };
        };
        const resource = "https://mcp.example.org/tides/mcp";
        const tides = { ...route, server: "tides", prefix: "/tides", resource };
        const [one, two] = [await podsOf([route]), await podsOf([route, tides])];
        assert.deepEqual(two.gateway, one.gateway);
        assert.notEqual(two.text, one.text);
        const { spec } = two.check.spec.template;
        const [check] = spec.initContainers;
        assert.deepEqual([check.name, check.image], ["check", spec.containers[0].image]);
        assert.equal(spec.volumes[0].configMap.name, "gateway-configuration-0a1b2c3d");
    });

    it("runs the given image in all its pods", async () => {
        const image = `r.example/nginx@sha256:${"0a".repeat(32)}`;
        const recording = await deploy({ image });
        for (const name of ["gateway-pods", "gateway-configuration-pods"]) {
            const { spec } = only(recording, "Deployment", name).inputs.spec.template;
            const containers = [...spec.containers, ...(spec.initContainers ?? [])];
            assert.deepEqual([...new Set(containers.map((one: Json) => one.image))], [image]);
        }
    });

    it("can be created twice in one program", async () => {
        const recording = await recordResources(() => [
            new NginxGateway("inner", args),
            new NginxGateway("outer", args),
        ]);
        const names = recording.map((resource) => `${kindOf(resource)} ${resource.name}`);
        assert.equal(new Set(names).size, 42);
    });

    const exposures: { exposure: Exposure; type: string; port: object }[] = [
        {
            exposure: { nodePort: 30443 },
            type: "NodePort",
            port: { name: "https", port: 443, targetPort: "https", nodePort: 30443 },
        },
        {
            exposure: { loadBalancer: true },
            type: "LoadBalancer",
            port: { name: "https", port: 443, targetPort: "https" },
        },
        {
            exposure: { ingressClass: "traefik" },
            type: "ClusterIP",
            port: { name: "http", port: 80, targetPort: "http" },
        },
    ];
    for (const { exposure, type, port } of exposures) {
        it(`is reached by ${type} when exposed as ${JSON.stringify(exposure)}`, async () => {
            const { spec } = only(await deploy({ exposure }), "Service", "gateway-service").inputs;
            assert.equal(spec.type, type);
            assert.deepEqual(spec.ports, [port]);
        });
    }

    it("creates an Ingress that neither buffers nor cuts streams", async () => {
        const { inputs } = only(await deploy({ exposure: { ingressClass: "nginx" } }), "Ingress");
        assert.equal(inputs.spec.ingressClassName, "nginx");
        assert.deepEqual(inputs.spec.tls, [
            { hosts: ["mcp.example.org"], secretName: "gateway-tls-0a1b2c3d" },
        ]);
        const [path] = inputs.spec.rules[0].http.paths;
        assert.equal(path.backend.service.name, "gateway-service-0a1b2c3d");
        assert.equal(
            inputs.metadata.annotations["nginx.ingress.kubernetes.io/proxy-buffering"],
            "off",
        );
    });

    it("waits for no certificate behind an Ingress, from which cert-manager makes it", async () => {
        const tls = { secretName: "made-later" };
        const exposure = { ingressClass: "nginx" };
        const recording = await deploy({ tls, exposure });
        const pod = only(recording, "Deployment", "gateway-pods").inputs.spec.template.spec;
        const { containers, volumes } = pod;
        assert.doesNotMatch(JSON.stringify(containers[0].ports), /https/);
        assert.doesNotMatch(
            JSON.stringify([containers[0].volumeMounts, volumes]),
            /made-later|tls/,
        );
        const { data } = only(recording, "ConfigMap", "gateway-configuration").inputs;
        assert.doesNotMatch(data.part, /ssl|8443/);
        assert.equal(only(recording, "Ingress").inputs.spec.tls[0].secretName, "made-later");
    });

    it("believes an Ingress controller, and nobody else, which client called", async () => {
        const render = async (exposure: Exposure) =>
            only(await deploy({ exposure }), "ConfigMap", "gateway-configuration").inputs.data
                .part as string;
        const told = / X-Forwarded-For (\S+);/;
        const proxied = told.exec(await render({ ingressClass: "nginx" }))?.[1];
        assert.equal(proxied, "$proxy_add_x_forwarded_for");
        assert.equal(told.exec(await render({ loadBalancer: true }))?.[1], "$remote_addr");
    });

    it("creates a certificate for its host and returns it for clients to trust", async () => {
        let trusted: string | undefined;
        const recording = await recordResources(async () => {
            const { caCertificate } = new NginxGateway("gateway", args);
            trusted = caCertificate && (await valueOf(caCertificate));
        });
        assert.equal(trusted, "certificate of gateway-certificate");
        assert.deepEqual(only(recording, "SelfSignedCert").inputs.dnsNames, ["mcp.example.org"]);
        assert.deepEqual(only(recording, "Secret").inputs.stringData, {
            "tls.crt": "certificate of gateway-certificate",
            "tls.key": "key of gateway-key",
        });
    });

    it("creates one certificate for every host, by name or by address", async () => {
        const tides = { ...route, server: "tides", host: "tides.example.org", prefix: "" };
        const certificateOf = async (more: Partial<NginxGatewayArgs>) =>
            only(await deploy(more), "SelfSignedCert").inputs;
        const named = await certificateOf({ routes: [route, tides] });
        assert.deepEqual(named.dnsNames, ["mcp.example.org", "tides.example.org"]);
        assert.equal("ipAddresses" in named, false);
        const address = { host: "192.0.2.7" };
        const numbered = await certificateOf({
            address,
            routes: [{ ...route, host: "192.0.2.7" }],
        });
        assert.deepEqual(numbered.ipAddresses, ["192.0.2.7"]);
        assert.equal("dnsNames" in numbered, false);
    });

    it("serves every host, the Ingress included", async () => {
        const tides = { ...route, server: "tides", host: "tides.example.org", prefix: "" };
        const exposure = { ingressClass: "nginx" };
        const recording = await deploy({ exposure, routes: [route, tides] });
        const { data } = only(recording, "ConfigMap", "gateway-configuration").inputs;
        const names = [...data.part.matchAll(/server_name (\S+);/g)] as string[][];
        const hosts = ["mcp.example.org", "tides.example.org"];
        assert.deepEqual(
            names.map(([, name]) => name),
            ["_", ...hosts],
        );
        const { spec } = only(recording, "Ingress").inputs;
        assert.deepEqual(spec.tls[0].hosts, hosts);
        assert.deepEqual(
            spec.rules.map(({ host }: Json) => host),
            hosts,
        );
    });

    it("refuses hosts that are none", async () => {
        const hosts = ["https://tides.example.org", "192.0.2.7"];
        const failing = deploy({
            exposure: { ingressClass: "nginx" },
            routes: hosts.map((host, index) => ({ ...route, server: `tides-${index}`, host })),
        });
        await assert.rejects(
            failing,
            /- routes\[0\]\.host: .*did you mean 'tides.example.org'\?\n.*- routes\[1\]\.host: .*behind an Ingress/,
        );
    });

    it("says when 'pulumi up' replaces its certificate, and when that expires", async () => {
        const recording = await recordResources(async () => {
            const { certificateValidity } = new NginxGateway("gateway", args);
            assert.deepEqual(await valueOf(certificateValidity!), {
                renewedFrom: "2031-03-01T12:00:00.000Z",
                expires: "2031-03-31T12:00:00Z",
            });
        });
        const { validityPeriodHours, earlyRenewalHours } = only(recording, "SelfSignedCert").inputs;
        assert.deepEqual([validityPeriodHours, earlyRenewalHours], [365 * 24, 30 * 24]);
        await recordResources(() => {
            const tls = { secretName: "public-tls" };
            const own = new NginxGateway("gateway", { ...args, tls });
            assert.equal(own.certificateValidity, undefined);
        });
    });

    const addresses: { exposure: Exposure; address: string | undefined }[] = [
        { exposure: { loadBalancer: true }, address: "203.0.113.9" },
        { exposure: { ingressClass: "nginx" }, address: "lb.example.org" },
        { exposure: { nodePort: 30443 }, address: undefined },
    ];
    for (const { exposure, address } of addresses) {
        it(`returns the address '${address}' when exposed as ${JSON.stringify(exposure)}`, async () => {
            await recordResources(async () => {
                const { loadBalancerAddress } = new NginxGateway("gateway", { ...args, exposure });
                const found = loadBalancerAddress && (await valueOf(loadBalancerAddress));
                assert.equal(found, address);
            });
        });
    }

    it("annotates Service and Ingress as told", async () => {
        const serviceAnnotations = { "external-dns.alpha.kubernetes.io/hostname": "a.example.org" };
        const ingressAnnotations = {
            "cert-manager.io/cluster-issuer": pulumi.output("letsencrypt"),
            "nginx.ingress.kubernetes.io/proxy-body-size": "8m",
        };
        const exposure = { ingressClass: "nginx" };
        const recording = await deploy({ exposure, serviceAnnotations, ingressAnnotations });
        const service = only(recording, "Service", "gateway-service").inputs.metadata;
        assert.deepEqual(service.annotations, serviceAnnotations);
        const { annotations } = only(recording, "Ingress").inputs.metadata;
        assert.equal(annotations["cert-manager.io/cluster-issuer"], "letsencrypt");
        assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-body-size"], "8m");
        assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-buffering"], "off");
    });

    it("sizes and places its pods and the verifier's as told", async () => {
        const tolerations = [{ key: "dedicated", value: "mcp", effect: "NoSchedule" }];
        const nodeSelector = { "kubernetes.io/arch": "arm64" };
        const recording = await deploy({
            nodeSelector,
            tolerations,
            resources: { limits: { memory: "1Gi" } },
            verifier: { replicas: 3, resources: { requests: { cpu: "200m" } } },
        });
        const specOf = (name: string) => only(recording, "Deployment", name).inputs.spec;
        const [gateway, verifier] = [specOf("gateway-pods"), specOf("gateway-verifier-pods")];
        assert.deepEqual([gateway.replicas, verifier.replicas], [2, 3]);
        for (const { template } of [gateway, verifier]) {
            assert.deepEqual(template.spec.nodeSelector, nodeSelector);
            assert.deepEqual(template.spec.tolerations, tolerations);
        }
        assert.deepEqual(gateway.template.spec.containers[0].resources, {
            requests: { cpu: "100m", memory: "64Mi" },
            limits: { cpu: "2", memory: "1Gi" },
        });
        assert.deepEqual(verifier.template.spec.containers[0].resources, {
            requests: { cpu: "200m", memory: "96Mi" },
            limits: { cpu: "1", memory: "256Mi" },
        });
    });

    it("uses an existing certificate", async () => {
        const recording = await deploy({ tls: { secretName: "public-tls" } });
        assert.equal(
            recording.some((resource) => kindOf(resource) === "SelfSignedCert"),
            false,
        );
        const { volumes } = only(recording, "Deployment", "gateway-pods").inputs.spec.template.spec;
        const tls = volumes.find(({ name }: Json) => name === "tls");
        assert.equal(tls.secret.secretName, "public-tls");
    });

    it("configures the addresses of the pods", async () => {
        const { data } = only(await deploy(), "ConfigMap", "gateway-configuration").inputs;
        assert.match(
            data.part,
            /server weather-addresses\.tools\.svc\.cluster\.local:8000 resolve/,
        );
        assert.match(
            data.part,
            /server weather\.tools\.svc\.cluster\.local:8000 resolve max_fails=0 backup/,
        );
        assert.match(
            data.part,
            /server gateway-verifier-addresses-0a1b2c3d\.tools\.svc\.cluster\.local:8080 resolve/,
        );
    });

    it("configures the verifier with issuer and servers", async () => {
        const { data } = only(await deploy(), "ConfigMap", "gateway-verifier-settings").inputs;
        assert.deepEqual(JSON.parse(data["verifier.json"]), {
            issuer: "https://auth.example.org/realms/tools",
            jwksUri: "https://keycloak.keycloak:8443/certs",
            peers: {
                host: "gateway-verifier-addresses-0a1b2c3d.tools.svc.cluster.local",
                port: 8081,
            },
            caFile: "/etc/slipway/ca.pem",
            servers: [{ name: "weather", resource: route.resource, scopes: ["mcp:weather"] }],
        });
        assert.equal(data["ca.pem"], "authority of the issuer");
    });

    it("does not restart a verifier that waits for the issuer's keys", async () => {
        const recording = await deploy();
        const pod = only(recording, "Deployment", "gateway-verifier-pods").inputs.spec.template
            .spec;
        const { startupProbe, readinessProbe } = pod.containers[0];
        assert.deepEqual(
            [startupProbe.httpGet.path, readinessProbe.httpGet.path],
            ["/livez", "/readyz"],
        );
    });

    it("reaches the verifier, and the pods of each route in its own namespace", async () => {
        const tides: Route = {
            ...route,
            server: "tides",
            prefix: "/t",
            namespace: "sea",
            port: 9000,
        };
        const recording = await deploy({ routes: [route, tides] });
        const { spec } = only(recording, "NetworkPolicy", "gateway-network").inputs;
        const pods = (namespace: string, port: number) => ({
            to: [
                {
                    namespaceSelector: {
                        matchLabels: { "kubernetes.io/metadata.name": namespace },
                    },
                    podSelector: { matchLabels: { app: "weather" } },
                },
            ],
            ports: [{ protocol: "TCP", port }],
        });
        assert.deepEqual(spec.egress.slice(3), [pods("tools", 8000), pods("sea", 9000)]);
    });

    const keys = [
        { jwksUri: "https://keycloak.keycloak:8443/certs", port: 8443 },
        { jwksUri: "https://auth.example.org/certs", port: 443 },
        { jwksUri: "http://keycloak.keycloak/certs", port: 80 },
        // A Service whose pods listen at another port: policies are applied to the pod's.
        { jwksUri: "https://keycloak.keycloak/certs", jwksPort: 8443, port: 8443 },
    ];
    for (const { port, ...where } of keys) {
        it(`lets the verifier reach the issuer's keys: ${JSON.stringify(where)}`, async () => {
            const recording = await deploy({ identity: { ...args.identity, ...where } });
            const { spec } = only(recording, "NetworkPolicy", "gateway-verifier-network").inputs;
            assert.deepEqual(spec.egress[1], { ports: [{ protocol: "TCP", port }] });
        });
    }

    it("finds Services and DNS where the cluster has them", async () => {
        const recording = await deploy({ clusterDomain: "k8s.example.org", dnsPorts: [5353] });
        const { data } = only(recording, "ConfigMap", "gateway-configuration").inputs;
        const hosts = [...data.part.matchAll(/ server (\S+):\d+ resolve/g)] as string[][];
        assert.deepEqual(
            hosts.map(([, host]) => host),
            [
                "gateway-verifier-addresses-0a1b2c3d.tools.svc.k8s.example.org",
                "gateway-verifier-service-0a1b2c3d.tools.svc.k8s.example.org",
                "weather-addresses.tools.svc.k8s.example.org",
                "weather.tools.svc.k8s.example.org",
            ],
        );
        for (const policy of ["gateway-network", "gateway-verifier-network"]) {
            assert.deepEqual(only(recording, "NetworkPolicy", policy).inputs.spec.egress[0].ports, [
                { protocol: "UDP", port: 5353 },
                { protocol: "TCP", port: 5353 },
            ]);
        }
    });

    it("lets calls finish before a pod stops", async () => {
        const recording = await deploy({
            routes: [route, { ...route, server: "tides", prefix: "/t", longestCallSeconds: 600 }],
        });
        const pod = only(recording, "Deployment", "gateway-pods").inputs.spec.template.spec;
        assert.equal(pod.terminationGracePeriodSeconds, 625);
        const { timeouts } = only(recording, "Deployment", "gateway-pods");
        assert.deepEqual(timeouts, { delete: "745s" });
        const [, , drain] = pod.containers[0].lifecycle.preStop.exec.command;
        assert.match(drain, /^sleep 15; .* -s quit; sleep \d+$/);
        const { data } = only(recording, "ConfigMap", "gateway-configuration").inputs;
        assert.match(data.part, /worker_shutdown_timeout 600s;/);
    });

    it("runs every container as Pod Security 'restricted' requires", async () => {
        const recording = await deploy();
        for (const deployment of recording.filter(
            (resource) => kindOf(resource) === "Deployment",
        )) {
            const pod = deployment.inputs.spec.template.spec;
            assert.equal(pod.securityContext.runAsNonRoot, true);
            for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
                assert.deepEqual(container.securityContext, {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                    readOnlyRootFilesystem: true,
                });
            }
        }
    });

    it("returns the address of every server", async () => {
        await recordResources(async () => {
            const { endpoints } = new NginxGateway("gateway", args);
            assert.deepEqual(await valueOf(endpoints), { weather: route.resource });
        });
    });

    it("refuses overlapping routes together with all other problems", async () => {
        const failing = deploy({
            address: { host: "https://mcp.example.org" },
            exposure: { nodePort: 1 },
            routes: [route, { ...route, server: "tides", prefix: "/weather/tides" }],
        });
        await assert.rejects(
            failing,
            /- address\.host: [^]*- exposure\.nodePort: [^]*- routes\[1\]\.prefix: .*'\/weather' of 'weather'/,
        );
    });
});
