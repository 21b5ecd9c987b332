import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import {
    TokenVerifier,
    type TokenVerifierArgs,
} from "../../../components/gateways/tokenVerifier.ts";
import { type Json, only, recordResources, valueOf } from "../../support/recordResources.ts";

const weather = {
    name: "weather",
    resource: "https://mcp.example.org/weather/mcp",
    scopes: ["mcp:weather"],
};

const args: TokenVerifierArgs = {
    namespace: "tools",
    image: "registry.example.org/bridge:1.0.0",
    identity: {
        issuer: "https://auth.example.org/realms/tools",
        jwksUri: "https://keycloak.keycloak:8443/realms/tools/certs",
    },
    gatewayPods: { labels: { app: "router" } },
    servers: [weather],
};

const introspection = {
    endpoint: "https://keycloak.keycloak:8443/realms/tools/introspect",
    secretName: "introspection",
    cacheSeconds: 10,
};

function deploy(change: Partial<TokenVerifierArgs> = {}) {
    return recordResources(() => new TokenVerifier("verifier", { ...args, ...change }));
}

async function readSettings(change: Partial<TokenVerifierArgs>): Promise<Json> {
    const { data } = only(await deploy(change), "ConfigMap").inputs;
    return JSON.parse(data["verifier.json"]);
}

describe("TokenVerifier", () => {
    it("passes on everything that decides about a token", async () => {
        const settings = await readSettings({
            identity: {
                ...args.identity,
                introspection,
                clockSkewSeconds: 30,
                furtherIssuers: [
                    { issuer: "https://partner.example.org" },
                    { issuer: "https://other.example.org", jwksUri: "https://other/keys" },
                ],
            },
            servers: [{ ...weather, checkRevocation: true, certificateBound: true }],
        });
        assert.deepEqual(settings, {
            ...args.identity,
            introspection: {
                endpoint: introspection.endpoint,
                credentials: "/etc/introspection",
                cacheSeconds: 10,
            },
            furtherIssuers: [
                {
                    issuer: "https://partner.example.org",
                    jwksUri: "https://partner.example.org/protocol/openid-connect/certs",
                },
                { issuer: "https://other.example.org", jwksUri: "https://other/keys" },
            ],
            clockSkewSeconds: 30,
            peers: { host: "verifier-addresses-0a1b2c3d.tools.svc.cluster.local", port: 8081 },
            servers: [{ ...weather, checkRevocation: true, certificateBound: true }],
        });
    });

    it("mounts the credentials for introspection from their Secret, and only then", async () => {
        const identity = { ...args.identity, introspection };
        const { spec } = only(await deploy({ identity }), "Deployment").inputs.spec.template;
        const volume = spec.volumes.find(({ name }: Json) => name === "introspection");
        assert.equal(volume.secret.secretName, "introspection");
        const [container] = spec.containers;
        const mount = container.volumeMounts.find(({ name }: Json) => name === "introspection");
        assert.deepEqual(mount, {
            name: "introspection",
            mountPath: "/etc/introspection",
            readOnly: true,
        });
        const usual = only(await deploy(), "Deployment").inputs.spec.template.spec;
        assert.deepEqual(
            usual.volumes.map(({ name }: Json) => name),
            ["settings", "tmp"],
        );
    });

    it("admits gateways at one port, and its own pods and managers at the other", async () => {
        const managers = [{ namespace: "monitoring" }];
        const { ingress } = only(await deploy({ managers }), "NetworkPolicy").inputs.spec;
        const named = ingress.map(({ from, ports }: Json) => [
            ports[0].port,
            from.map(({ namespaceSelector: space, podSelector: pods }: Json) => [
                space?.matchLabels["kubernetes.io/metadata.name"],
                Object.values(pods.matchLabels).sort(),
            ]),
        ]);
        assert.deepEqual(named, [
            [8080, [[undefined, ["router"]]]],
            [
                8081,
                [
                    [undefined, ["slipway", "token-verifier", "verifier"]],
                    ["monitoring", []],
                ],
            ],
        ]);
    });

    const partner = "https://partner.example.org";
    const egress: { what: string; identity: object; ports: number[] }[] = [
        { what: "keys", identity: {}, ports: [8443] },
        {
            what: "keys and introspection of one Service",
            identity: { introspection },
            ports: [8443],
        },
        {
            what: "introspection elsewhere",
            identity: { introspection: { ...introspection, endpoint: "https://i.example.org/i" } },
            ports: [8443, 443],
        },
        {
            what: "keys of further issuers",
            identity: {
                furtherIssuers: [
                    { issuer: partner },
                    { issuer: "https://x.example.org", jwksUri: "http://x:81/keys" },
                    { issuer: "https://y.example.org", jwksUri: "http://y/keys", jwksPort: 82 },
                ],
            },
            ports: [8443, 443, 81, 82],
        },
    ];
    for (const { what, identity, ports } of egress) {
        it(`reaches ${what}, and nothing else of the outside`, async () => {
            const change = { identity: { ...args.identity, ...identity } };
            const { spec } = only(await deploy(change), "NetworkPolicy").inputs;
            assert.deepEqual(
                spec.egress
                    .slice(1)
                    .map(({ to, ports }: Json) => [
                        to === undefined,
                        ports.map(({ port }: Json) => port),
                    ]),
                [
                    [true, ports],
                    [false, [8081]],
                ],
            );
        });
    }

    it("takes logout tokens at the name that the issuer knows", async () => {
        const identity = { ...args.identity, logoutServiceName: "logout-of-a-stack" };
        const services = (await deploy({ identity })).filter(({ type }) =>
            type.endsWith(":Service"),
        );
        const service = services.find(({ name }) => name === "verifier-logout")!;
        assert.equal(service.inputs.metadata.name, "logout-of-a-stack");
        assert.deepEqual(service.inputs.spec.ports, [
            { name: "http", port: 80, targetPort: "management" },
        ]);
        const selectors = services.map(({ inputs }) => inputs.spec.selector);
        for (const selector of selectors) assert.deepEqual(selector, service.inputs.spec.selector);
    });

    it("tells where the issuer sends logout tokens", async () => {
        await recordResources(async () => {
            const { logoutUrl } = new TokenVerifier("verifier", args);
            const url = "verifier-service-0a1b2c3d.tools.svc.cluster.local:8081/backchannel-logout";
            assert.equal(await valueOf(pulumi.output(logoutUrl)), `http://${url}`);
        });
        const services = (await deploy()).filter(({ type }) => type.endsWith(":Service"));
        for (const { inputs } of services) {
            assert.deepEqual(
                inputs.spec.ports.map(({ name, port }: Json) => [name, port]),
                [
                    ["http", 8080],
                    ["management", 8081],
                ],
            );
        }
    });
});
