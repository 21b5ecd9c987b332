import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { NginxGateway } from "../../components/gateways/nginx/nginxGateway.ts";
import { Identity } from "../../components/identity/identity.ts";
import { keycloakAccess } from "../../components/identity/keycloakAccess.ts";
import { ServerImage } from "../../components/image/serverImage.ts";
import { ServerDeployment } from "../../components/server/deployment/serverDeployment.ts";
import { ServerNamespace } from "../../components/server/serverNamespace.ts";
import { inventory, only, type Recording, recordResources } from "../support/recordResources.ts";
import { makeSourceDirectory } from "../support/sourceDirectory.ts";

/** What the engine is sent for a value that only an update will tell. */
const unknownMarker = "__pulumiUnknown";

/** An Output of a resource that does not exist yet. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- it stands for any input
const unresolved = pulumi.output(pulumi.unknown) as pulumi.Output<any>;

const directory = makeSourceDirectory();
const registry = { address: "registry.example.org", username: "robot", password: "a" };
const server = { namespace: "tools", image: "weather:1.0.0", gatewayPods: {} };
const bridged = { ...server, bridge: { image: "bridge:1.0.0" }, command: ["weather-mcp"] };
const issuer = "https://auth.example.org/realms/tools";
const identity = {
    issuer,
    namespace: "tools",
    realm: { name: "tools" },
    servers: { weather: { resource: "https://mcp.example.org/weather/mcp", scopes: ["mcp:w"] } },
    clients: [{ name: "sailor", servers: ["weather"] }],
};
const gateway = {
    namespace: "tools",
    address: { host: "mcp.example.org" },
    tls: { secretName: "tls" },
    exposure: { loadBalancer: true },
    identity: { issuer, jwksUri: `${issuer}/certs` },
    verifierImage: "bridge:1.0.0",
    routes: [
        {
            server: "weather",
            prefix: "/weather",
            stripPrefix: true,
            publicPaths: ["/mcp"],
            openPaths: [],
            namespace: "tools",
            serviceName: "weather",
            headlessServiceName: "weather-addresses",
            podLabels: {},
            port: 8000,
            resource: "https://mcp.example.org/weather/mcp",
            scopes: ["mcp:w"],
            limits: { requestsPerSecond: 1, burst: 1, bodyMebibytes: 1 },
            cors: { origins: ["*"] },
            longestCallSeconds: 300,
        },
    ],
};

/** A component with one input; `shows` are the kinds of resources that receive it. */
interface Case {
    key: string;
    deploy: (input: typeof unresolved) => unknown;
    plain: unknown;
    shows: [kind: string, name?: string][];
}

const deployment = (
    key: string,
    plain: unknown,
    args: (input: typeof unresolved) => object,
    ...shows: Case["shows"]
): Case => ({
    key: `ServerDeployment ${key}`,
    plain,
    deploy: (input) => new ServerDeployment("weather", { ...bridged, ...args(input) }),
    shows: shows.length === 0 ? [["Deployment"]] : shows,
});

const cases: Case[] = [
    {
        key: "ServerImage registry.address",
        plain: registry.address,
        deploy: (address) =>
            new ServerImage("weather", { directory, registry: { ...registry, address } }),
        shows: [["Image"]],
    },
    {
        key: "ServerNamespace registry.address",
        plain: registry.address,
        deploy: (address) =>
            new ServerNamespace("tools", {
                namespace: "tools",
                registry: { ...registry, address },
            }),
        shows: [["Secret"]],
    },
    {
        key: "Identity issuer",
        plain: issuer,
        deploy: (input) => new Identity("login", { ...identity, issuer: input }),
        shows: [["Secret"]],
    },
    ...["jwksUri", "jwksPort", "caCertificate"].map((key) => ({
        key: `NginxGateway identity.${key}`,
        plain: { jwksUri: `${issuer}/certs`, jwksPort: 8443, caCertificate: "a" }[key],
        deploy: (input: typeof unresolved) => {
            const login = new Identity("login", { ...identity, [key]: input });
            return new NginxGateway("gateway", { ...gateway, identity: login });
        },
        shows: [
            key === "jwksPort"
                ? (["NetworkPolicy", "gateway-verifier-network"] as [string, string])
                : (["ConfigMap", "gateway-verifier-settings"] as [string, string]),
        ],
    })),
    {
        key: "NginxGateway resources.limits.memory",
        plain: "1Gi",
        deploy: (memory) =>
            new NginxGateway("gateway", { ...gateway, resources: { limits: { memory } } }),
        shows: [["Deployment", "gateway-pods"]],
    },
    {
        key: "NginxGateway replicas",
        plain: 3,
        deploy: (replicas) => new NginxGateway("gateway", { ...gateway, replicas }),
        shows: [["Deployment", "gateway-pods"]],
    },
    {
        key: "NginxGateway verifier.replicas",
        plain: 3,
        deploy: (replicas) => new NginxGateway("gateway", { ...gateway, verifier: { replicas } }),
        shows: [["Deployment", "gateway-verifier-pods"]],
    },
    {
        key: "NginxGateway tls.secretName",
        plain: "tls",
        deploy: (secretName) => new NginxGateway("gateway", { ...gateway, tls: { secretName } }),
        shows: [["Deployment", "gateway-pods"]],
    },
    {
        key: "keycloakAccess url",
        plain: "https://auth.example.org",
        deploy: (url) => keycloakAccess("keycloak", { url, username: "a", password: "b" }),
        shows: [["keycloak"]],
    },
    deployment("egress[].cidr", "203.0.113.7/32", (cidr) => ({ egress: [{ cidr }] }), [
        "NetworkPolicy",
    ]),
    deployment("egress[].namespace", "data", (namespace) => ({ egress: [{ namespace }] }), [
        "NetworkPolicy",
    ]),
    deployment("ingress[].namespace", "data", (namespace) => ({ ingress: [{ namespace }] }), [
        "NetworkPolicy",
    ]),
    deployment("image", "weather:1.0.0", (image) => ({ image })),
    deployment("env", "metric", (UNITS) => ({ env: { UNITS } })),
    deployment("secrets", "key", (KEY) => ({ secrets: { KEY } }), ["Secret", "weather-secrets"]),
    deployment("envFrom", "keys", (secret) => ({ envFrom: { KEY: { secret } } })),
    deployment("files", "keys", (secret) => ({ files: [{ mountPath: "/keys", secret }] })),
    deployment("volumes[].claim", "data", (claim) => ({ volumes: [{ mountPath: "/a", claim }] })),
    deployment("volumes[].mebibytes", 64, (mebibytes) => ({
        volumes: [{ mountPath: "/a", mebibytes }],
    })),
    deployment("runAsUser", 1000, (runAsUser) => ({ runAsUser })),
    deployment("pullSecretName", "login", (pullSecretName) => ({ pullSecretName })),
    deployment("nodeSelector", "mcp", (pool) => ({ nodeSelector: { pool } })),
    deployment("affinity", {}, (affinity) => ({ affinity })),
    deployment("priorityClassName", "high", (priorityClassName) => ({ priorityClassName })),
    deployment("podAnnotations", "a", (team) => ({ podAnnotations: { team } })),
    deployment("podLabels", "a", (team) => ({ podLabels: { team } })),
    deployment(
        "serviceAccountAnnotations",
        "arn:1",
        (role) => ({ serviceAccountAnnotations: { role } }),
        ["ServiceAccount"],
    ),
    deployment("replicas.min", 2, (min) => ({ replicas: { min, max: 3 } }), [
        "HorizontalPodAutoscaler",
    ]),
    deployment("replicas.max", 2, (max) => ({ replicas: { min: 1, max } }), [
        "HorizontalPodAutoscaler",
    ]),
    deployment("scaling.cpuPercent", 60, (cpuPercent) => ({ scaling: { cpuPercent } }), [
        "HorizontalPodAutoscaler",
    ]),
    deployment("resources.requests.cpu", "1", (cpu) => ({ resources: { requests: { cpu } } })),
    deployment("resources.limits.memory", "1Gi", (memory) => ({
        resources: { limits: { memory } },
    })),
];

describe("inputs that a preview does not know yet", () => {
    for (const { key, deploy, plain, shows } of cases) {
        it(`creates the same resources with '${key}'`, async () => {
            const preview = (input: unknown): Promise<Recording> =>
                recordResources(() => void deploy(input as typeof unresolved), { preview: true });
            const known = await preview(plain);
            const unknown = await preview(unresolved);
            assert.deepEqual(inventory(unknown), inventory(known));
            for (const [kind, name] of shows) {
                const text = (recording: Recording) =>
                    JSON.stringify(only(recording, kind, name).inputs);
                assert.ok(text(unknown).includes(unknownMarker), text(unknown));
            }
        });

        it(`gives the same values to resources with an Output for '${key}'`, async () => {
            const plainly = await recordResources(() => void deploy(plain as typeof unresolved));
            const later = await recordResources(() => void deploy(pulumi.output(plain)));
            const children = (recording: Recording) =>
                recording
                    .filter(({ type }) => !type.startsWith("slipway:"))
                    .map(({ name, inputs }) => JSON.stringify([name, inputs]))
                    .sort();
            assert.deepEqual(children(later), children(plainly));
        });
    }
});
