import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { clientKinds } from "../components/clients/clientConfig.ts";
import { devServers } from "./support/devServers.ts";
import { inventory, type Recording, recordResources, valueOf } from "./support/recordResources.ts";

const stack = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, unknown> };
const config = Object.fromEntries(
    Object.entries(stack.config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]),
);

/** What the engine is asked for; that Kubernetes, Keycloak and NGINX accept it, the live tests show. */
describe("index.ts with Pulumi.dev.yaml", () => {
    let recording: Recording = [];
    const outputs: Record<string, unknown> = {};
    const login = { KEYCLOAK_USER: "admin", KEYCLOAK_PASSWORD: "hidden" };
    const before_ = { ...process.env };

    before(async () => {
        Object.assign(process.env, login);
        recording = await recordResources(
            async () => {
                const program = (await import("../index.ts")) as Record<string, unknown>;
                for (const [name, value] of Object.entries(program)) {
                    outputs[name] = await valueOf(pulumi.output(value));
                }
                assert.equal(await pulumi.isSecret(pulumi.output(program["clientSecrets"])), true);
            },
            { config, stack: "dev" },
        );
    });

    after(() => {
        process.env = before_;
    });

    it("creates exactly these resources", () => {
        const image = (name: string) => [
            `ServerImage ${name}`,
            `ServerImage ${name} / Image ${name}-image`,
        ];
        const scope = (name: string) =>
            [
                `AudienceProtocolMapper identity-${name}-audience-mcp-${name}`,
                `ClientScope identity-${name}-scope-mcp-${name}`,
            ].map((child) => `Identity identity / ${child}`);
        const server = (name: string, further: string[] = []) => [
            `McpServer ${name}`,
            `McpServer ${name} / ServerDeployment ${name}`,
            ...[
                `Deployment ${name}-pods`,
                `HorizontalPodAutoscaler ${name}-autoscaler`,
                `NetworkPolicy ${name}-network`,
                `PodDisruptionBudget ${name}-disruptions`,
                `Service ${name}-addresses`,
                `Service ${name}-service`,
                `ServiceAccount ${name}-account`,
                ...further,
            ].map((child) => `McpServer ${name} / ServerDeployment ${name} / ${child}`),
        ];
        const client = (name: string) => [
            `Identity identity / MachineClient identity-${name}`,
            ...[
                `Client identity-${name}-client`,
                `ClientDefaultScopes identity-${name}-default-scopes`,
                `ClientOptionalScopes identity-${name}-optional-scopes`,
                `RandomPassword identity-${name}-password`,
                `Secret identity-${name}-credentials`,
            ].map((child) => `Identity identity / MachineClient identity-${name} / ${child}`),
        ];
        const people = [
            "InteractiveClient identity-interactive",
            ...[
                "Client identity-interactive-client",
                "ClientDefaultScopes identity-interactive-default-scopes",
                "ClientOptionalScopes identity-interactive-optional-scopes",
            ].map((child) => `InteractiveClient identity-interactive / ${child}`),
        ].map((child) => `Identity identity / ${child}`);
        const gateway = [
            "ConfigMap gateway-configuration",
            "Deployment gateway-configuration-pods",
            "NetworkPolicy gateway-configuration-network",
            "Service gateway-configuration-service",
            "Deployment gateway-pods",
            "NetworkPolicy gateway-network",
            "PodDisruptionBudget gateway-disruptions",
            "PrivateKey gateway-key",
            "Secret gateway-tls",
            "SelfSignedCert gateway-certificate",
            "Service gateway-service",
            "ServiceAccount gateway-account",
            "TokenVerifier gateway-verifier",
            "TokenVerifier gateway-verifier / ConfigMap gateway-verifier-settings",
            "TokenVerifier gateway-verifier / Deployment gateway-verifier-pods",
            "TokenVerifier gateway-verifier / NetworkPolicy gateway-verifier-network",
            "TokenVerifier gateway-verifier / PodDisruptionBudget gateway-verifier-disruptions",
            "TokenVerifier gateway-verifier / Service gateway-verifier-addresses",
            "TokenVerifier gateway-verifier / Service gateway-verifier-logout",
            "TokenVerifier gateway-verifier / Service gateway-verifier-service",
            "TokenVerifier gateway-verifier / ServiceAccount gateway-verifier-account",
        ];
        assert.deepEqual(
            inventory(recording),
            [
                "keycloak keycloak",
                "ConfigMap identity-ca",
                "ServerNamespace servers",
                "ServerNamespace servers / Namespace servers-namespace",
                "Identity identity",
                "Identity identity / Realm identity-realm",
                "Identity identity / RealmClientRegistrationPolicy identity-registration-closed",
                "Identity identity / ClientScope identity-tool-scope-web-fetch",
                ...["agent", "add-numbers-only", "fetch-only"].flatMap(client),
                ...people,
                ...["bridge", "add-numbers", "greeter", "task-orchestrator", "fetch"].flatMap(
                    image,
                ),
                ...Object.keys(devServers).flatMap(scope),
                ...["add-numbers", "greet", "task-orchestrator"].flatMap((name) => server(name)),
                ...server("fetch", [
                    "RandomBytes fetch-session-key",
                    "Secret fetch-session-secret",
                    "Service fetch-peers",
                ]),
                "NginxGateway gateway",
                ...gateway.map((child) => `NginxGateway gateway / ${child}`),
            ].sort(),
        );
    });

    it("protects no resource, so that 'npm run down' can remove all of them", () => {
        const kept = recording.filter(({ protect }) => protect === true);
        assert.deepEqual(inventory(kept), []);
    });

    it("exports the address of each server", () => {
        const urls = Object.entries(devServers).map(([name, path]) => [
            name,
            `https://localhost:30443${path}`,
        ]);
        assert.deepEqual(outputs["endpoints"], Object.fromEntries(urls));
    });

    it("exports how each client obtains its tokens", () => {
        const tokenEndpoint =
            "https://localhost:30444/realms/slipway/protocol/openid-connect/token";
        const access = (clientId: string, servers: string[], scopes: string[] = []) => ({
            clientId,
            tokenEndpoint,
            secretName: `identity-${clientId}-credentials-slipway-dev`,
            servers,
            scopes,
        });
        assert.deepEqual(outputs["clients"], {
            agent: access("agent", Object.keys(devServers), ["web:fetch"]),
            "add-numbers-only": access("add-numbers-only", ["add-numbers"]),
            "fetch-only": access("fetch-only", ["fetch"]),
        });
    });

    it("exports the password of each client as a secret", () => {
        assert.deepEqual(Object.keys(outputs["clientSecrets"] as object).sort(), [
            "add-numbers-only",
            "agent",
            "fetch-only",
        ]);
    });

    it("exports the certificates of gateway and Keycloak", () => {
        assert.equal(
            outputs["caCertificates"],
            "certificate of gateway-certificate\ncluster certificate\n",
        );
    });

    it("exports a configuration of every client for each server, with a file for private authorities", () => {
        const configs = outputs["clientConfigs"] as Record<string, Record<string, string>>;
        assert.deepEqual(Object.keys(configs), Object.keys(devServers));
        assert.deepEqual(Object.keys(configs["fetch"]!), Object.keys(clientKinds));
        for (const [client, text] of Object.entries(configs["fetch"]!)) {
            assert.ok(text.includes("https://localhost:30443/fetch/mcp"), client);
        }
        assert.match(configs["fetch"]!["claudeDesktop"]!, /"NODE_EXTRA_CA_CERTS": "\/path\/to\//);
        const entries = outputs["serverJson"] as Record<string, string>;
        assert.match(entries["fetch"]!, /"name": "localhost\/fetch"/);
    });

    it("exports a probe for every server", () => {
        const probes = outputs["probes"] as Record<string, { scopes: string[] }>;
        const scopes = Object.entries(probes).map(([server, probe]) => [server, probe.scopes]);
        const expected = Object.keys(devServers).map((server) => [
            server,
            server === "fetch" ? ["web:fetch"] : [],
        ]);
        assert.deepEqual(scopes, expected);
    });

    it("logs in to Keycloak with the environment's administrator, trusting the cluster's authority", () => {
        const provider = recording.find(({ type }) => type === "pulumi:providers:keycloak");
        assert.deepEqual(
            [provider?.inputs.url, provider?.inputs.username, provider?.inputs.rootCaCertificate],
            ["https://localhost:30444", "admin", "cluster certificate"],
        );
    });
});
