import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { buildChartValues } from "../../../../components/gateways/apisix/install.ts";
import { buildMetadata } from "../../../../images/bridge/src/auth/challenge.ts";
import {
    ApisixGateway,
    type ApisixGatewayArgs,
    apisixGatewayPods,
} from "../../../../components/index.ts";
import {
    inventory,
    type Json,
    kindOf,
    only,
    recordResources,
    type Recording,
    valueOf,
} from "../../../support/recordResources.ts";
import { buildRoute, buildRoutingArgs } from "../routingArgs.ts";

const weather = buildRoute("weather");
const args: ApisixGatewayArgs = buildRoutingArgs([weather]);

function record(parts: Partial<ApisixGatewayArgs> = {}): Promise<Recording> {
    return recordResources(() => void new ApisixGateway("gateway", { ...args, ...parts }));
}

/** What a gateway creates besides the parts of its verifier. */
function listOwn(recording: Recording): string[] {
    return inventory(recording)
        .map((path) => path.replace("ApisixGateway gateway / ", ""))
        .filter((path) => !/ \/ |^ApisixGateway/.test(path));
}

describe("ApisixGateway", () => {
    it("creates a route and an upstream per server, the certificate's reference and the verifier", async () => {
        assert.deepEqual(listOwn(await record()), [
            "ApisixRoute gateway-weather",
            "ApisixTls gateway-tls",
            "ApisixUpstream gateway-weather-upstream",
            "TokenVerifier gateway-verifier",
        ]);
    });

    it("renders the manifests that apisix.yaml shows", async () => {
        const manifests = (await record())
            .filter(({ type }) => type.startsWith("kubernetes:apisix.apache.org/"))
            .map(({ inputs }) => inputs)
            .sort((one, other) => one.kind.localeCompare(other.kind));
        const golden = readFileSync(join(import.meta.dirname, "apisix.yaml"), "utf8");
        const expected = parse(golden);
        assert.deepEqual(
            parse(stringify(shorten(manifests), { aliasDuplicateObjects: false })),
            expected,
        );
    });

    it("names the class on every object, as version 2 of the controller ignores those without", async () => {
        const recording = await record({ ingressClassName: "edge" });
        const classes = recording
            .filter(({ type }) => type.startsWith("kubernetes:apisix.apache.org/"))
            .map(({ inputs }) => inputs.spec.ingressClassName);
        assert.deepEqual(classes, ["edge", "edge", "edge"]);
    });

    it("names the upstream as the Service, in the namespace of the server", async () => {
        const route = buildRoute("weather", { namespace: "elsewhere" });
        const recording = await record({ routes: [route] });
        const upstream = only(recording, "ApisixUpstream").inputs;
        assert.equal(upstream.metadata.name, "weather-0a1b2c3d");
        const { metadata, spec } = only(recording, "ApisixRoute").inputs;
        assert.deepEqual(
            [upstream.metadata.namespace, metadata.namespace],
            ["elsewhere", "elsewhere"],
        );
        const [{ backends }] = spec.http;
        assert.equal(backends[0].serviceName, "weather-0a1b2c3d");
    });

    it("serves the document that the verifier serves under other gateways", async () => {
        const { http } = only(await record(), "ApisixRoute").inputs.spec;
        const { config } = http[0].plugins.find(({ name }: Json) => name === "fault-injection");
        const issuer = "https://auth.example.org/realms/tools";
        assert.deepEqual(
            JSON.parse(config.abort.body),
            buildMetadata(weather, "weather", [issuer]),
        );
    });

    it("has no verifier where APISIX verifies tokens", async () => {
        const recording = await record({ authentication: "jwks" });
        assert.equal(
            recording.some((one) => kindOf(one) === "TokenVerifier"),
            false,
        );
    });

    it("reads the client of introspection from its Secret", async () => {
        const recording = await record({
            authentication: "introspection",
            openidConnect: { clientSecretName: pulumi.output("introspector") },
        });
        const { plugins } = only(recording, "ApisixRoute").inputs.spec.http[1];
        const plugin = plugins.find(({ name }: Json) => name === "openid-connect");
        assert.equal(plugin.secretRef, "introspector");
        const realm = "https://auth.example.org/realms/tools";
        const endpoint = `${realm}/protocol/openid-connect/token/introspect`;
        assert.equal(plugin.config.introspection_endpoint, endpoint);
        assert.equal(JSON.stringify(plugin.config).includes('client_secret"'), false);
    });

    it("admits the pods of APISIX to the verifier", async () => {
        const { ingress } = only(await record(), "NetworkPolicy").inputs.spec;
        assert.deepEqual(ingress[0].from, [
            {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "apisix" } },
                podSelector: { matchLabels: { "app.kubernetes.io/name": "apisix" } },
            },
        ]);
    });

    const places: { given: Parameters<typeof apisixGatewayPods>[0]; namespace: string }[] = [
        { given: {}, namespace: "apisix" },
        { given: { enterpriseInference: {} }, namespace: "auth-apisix" },
        { given: { enterpriseInference: { namespace: "edge" } }, namespace: "edge" },
        { given: { install: { namespace: "gw" }, enterpriseInference: {} }, namespace: "gw" },
        { given: { pods: { namespace: "own" }, install: {} }, namespace: "own" },
    ];
    for (const { given, namespace } of places) {
        it(`expects the pods of APISIX in '${namespace}' with ${JSON.stringify(given)}`, () => {
            assert.equal(apisixGatewayPods(given).namespace, namespace);
        });
    }
});

describe("ApisixGateway in the layout of Enterprise-Inference", () => {
    it("terminates TLS in an Ingress beside APISIX, for the paths of the servers alone", async () => {
        let address: Promise<string> | undefined;
        const recording = await recordResources(() => {
            const routes = [weather, buildRoute("maps", { openPaths: ["/docs"] })];
            const layout = { ...args, routes, enterpriseInference: {} };
            const gateway = new ApisixGateway("gateway", layout);
            address = valueOf(gateway.loadBalancerAddress!);
        });
        const { metadata, spec } = only(recording, "Ingress").inputs;
        assert.equal(metadata.namespace, "auth-apisix");
        assert.equal(spec.ingressClassName, "nginx");
        assert.deepEqual(spec.tls, [{ hosts: ["mcp.example.org"], secretName: "mcp-example-org" }]);
        const [{ host, http }] = spec.rules;
        assert.equal(host, "mcp.example.org");
        assert.deepEqual(
            http.paths.map(({ path, pathType }: Json) => `${pathType} ${path}`),
            [
                "Exact /.well-known/oauth-protected-resource/weather/mcp",
                "Prefix /weather/mcp",
                "Exact /.well-known/oauth-protected-resource/maps/mcp",
                "Prefix /maps/mcp",
                "Prefix /maps/docs",
            ],
        );
        const backend = { service: { name: "auth-apisix-gateway", port: { number: 80 } } };
        assert.ok(
            http.paths.every(
                (path: Json) => JSON.stringify(path.backend) === JSON.stringify(backend),
            ),
        );
        assert.equal(
            recording.some((one) => kindOf(one) === "ApisixTls"),
            false,
        );
        assert.equal(await address, "lb.example.org");
    });

    it("has the values of the reference as arguments, without its faults", async () => {
        const recording = await record({
            authentication: "introspection",
            openidConnect: {
                clientSecretName: "mcp-server-secret",
                discovery:
                    "http://keycloak.default.svc/realms/mcp/.well-known/openid-configuration",
                introspectionEndpoint: "http://keycloak.default.svc/introspect",
            },
            enterpriseInference: {
                namespace: "edge",
                ingressClassName: "public",
                serviceName: "gateway",
                servicePort: 9080,
                annotations: { "nginx.ingress.kubernetes.io/proxy-read-timeout": "60" },
            },
        });
        const ingress = only(recording, "Ingress").inputs;
        assert.equal(
            ingress.metadata.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"],
            "60",
        );
        assert.equal(
            ingress.metadata.annotations["nginx.ingress.kubernetes.io/use-regex"],
            undefined,
        );
        assert.equal(ingress.spec.ingressClassName, "public");
        const { http } = only(recording, "ApisixRoute").inputs.spec;
        const paths = http.flatMap(({ match }: Json) => match.paths);
        // `/health` was one path for all servers of a host, and `<path>*` matched longer names.
        assert.ok(
            paths.every((path: string) => !/health|[^/][*]$/.test(path)),
            paths.join(),
        );
        const plugin = http[1].plugins.find(({ name }: Json) => name === "openid-connect");
        assert.deepEqual(plugin.config.required_scopes, ["mcp:weather"]);
        assert.equal(plugin.config.ssl_verify, true);
        const audience = plugin.config.claim_schema.properties.aud.anyOf[0].enum;
        assert.deepEqual(audience, ["https://mcp.example.org/weather/mcp"]);
    });

    it("creates a self-signed certificate where the Ingress reads it", async () => {
        const recording = await record({ tls: { selfSigned: true }, enterpriseInference: {} });
        assert.equal(only(recording, "Secret").inputs.metadata.namespace, "auth-apisix");
    });
});

describe("ApisixGateway that installs APISIX", () => {
    it("installs the chart without etcd, with keys of its own, and a class that leads to it", async () => {
        const recording = await record({ install: { serviceType: "NodePort" } });
        const chart = only(recording, "Release").inputs;
        assert.equal(chart.chart, "apisix");
        const [text = ""] = buildChartValues("apisix", { serviceType: "NodePort" });
        const values = JSON.parse(text);
        assert.equal(values.etcd.enabled, false);
        assert.equal(values.apisix.deployment.role_traditional.config_provider, "yaml");
        assert.equal(values["ingress-controller"].config.provider.type, "apisix-standalone");
        assert.equal(values.service.type, "NodePort");
        const keys = only(recording, "Secret", "gateway-admin-keys");
        const { secretName } = chart.values.apisix.admin.credentials;
        assert.equal(secretName, "gateway-admin-keys-0a1b2c3d");
        assert.deepEqual(Object.keys(keys.inputs.stringData), ["admin", "viewer"]);
        const { controlPlane } = only(recording, "GatewayProxy").inputs.spec.provider;
        assert.deepEqual(controlPlane.auth.adminKey.valueFrom.secretKeyRef, {
            name: secretName,
            key: "admin",
        });
        const { spec } = only(recording, "IngressClass").inputs;
        assert.equal(spec.parameters.name, "gateway-proxy-0a1b2c3d");
        assert.equal(spec.controller, "apisix.apache.org/apisix-ingress-controller");
    });

    it("lets further values win", () => {
        const own = "image: { tag: own }";
        assert.equal(buildChartValues("apisix", { valuesYaml: own }).at(-1), own);
    });
});

/** The manifests without the long list of removed headers. */
function shorten(manifests: Json): Json {
    return JSON.parse(
        JSON.stringify(manifests, (key, value: Json) =>
            key === "remove" ? value.slice(0, 1).concat("…") : value,
        ),
    );
}
