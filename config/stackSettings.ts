import * as z from "zod";

import { identityDefaults } from "../components/identity/defaults.ts";
import { InteractiveProgram } from "../components/identity/interactiveAccess.ts";
import { dnsDefaults } from "../components/pods/defaults.ts";
import { serverDefaults } from "../components/server/defaults.ts";
import { gatewaySettings } from "./gatewaySettings.ts";
import { accessKey, identityProvidersKey, realmKeys, usersKey } from "./identityParts.ts";
import { optional, required } from "./keys.ts";
import { registrationKey } from "./registrationSettings.ts";
import { serverSettings } from "./serverSettings.ts";
import { furtherIssuer, introspection } from "./trustSettings.ts";

const registry = z.strictObject({
    address: required(
        z.string(),
        "Host with optional port and path, without scheme; images are named `<address>/<project>-<stack>/<image>`",
        "ghcr.io/acme",
    ),
    username: optional(z.string(), "User that pushes and pulls", {
        absent: "the login of the Docker engine is used",
        example: "robot",
    }),
    platform: optional(
        z.string(),
        "Platform of the nodes, for which images are built; set it when machines of several architectures run the program",
        { absent: "that of the machine", example: "linux/arm64" },
    ),
});

const pullRegistry = z.strictObject({
    address: required(z.string(), "Host with optional port and path, without scheme", "quay.io"),
    username: required(z.string(), "User that pulls", "robot"),
    password: required(
        z.string(),
        "Configuration key of the password; set it with `pulumi config set --secret`",
        "quayPassword",
    ),
});

const ca = z.union(
    [
        z.strictObject({
            certificate: required(z.string(), "PEM text", "-----BEGIN CERTIFICATE-----…"),
        }),
        z.strictObject({
            configMap: required(z.string(), "ConfigMap of the cluster", "kube-root-ca.crt"),
            namespace: required(z.string(), "Namespace of the ConfigMap", "default"),
            key: optional(z.string(), "Entry with the PEM text", {
                default: identityDefaults.caKey,
                example: "root.pem",
            }),
        }),
    ],
    { error: "must be { certificate: <PEM> } or { configMap, namespace, key? }" },
);

const client = z.strictObject({
    name: required(z.string(), "Client id", "agent"),
    servers: optional(
        z.array(z.string()),
        "Servers that the client may call; `access` adds to them",
        {
            default: [],
            example: ["weather"],
        },
    ),
    scopes: optional(z.array(z.string()), "Tool scopes that its tokens carry", {
        default: [],
        example: ["wind:read"],
    }),
});

const interactive = z.strictObject({
    clientId: optional(z.string(), "Client id, which people enter in their programs", {
        default: identityDefaults.interactive.clientId,
        example: "tools",
    }),
    redirects: optional(z.array(z.enum(InteractiveProgram)), "Programs that may use it", {
        default: [],
        example: ["claude", "vscode"],
    }),
    redirectUris: optional(z.array(z.string()), "Redirect URIs of other programs", {
        default: [],
        example: ["https://chat.example.org/oauth/callback"],
    }),
    webOrigins: optional(z.array(z.string()), "Origins of pages that log in by themselves", {
        absent: "those of `redirects`",
        example: ["https://chat.example.org"],
    }),
    servers: optional(z.array(z.string()).min(1), "Servers that people may call with it", {
        absent: "all",
        example: ["weather"],
    }),
    consent: optional(z.boolean(), "Ask people before a program gets a scope", {
        default: identityDefaults.interactive.consent,
        example: false,
    }),
    revokeOnLogout: optional(
        z.boolean(),
        "End tokens with the logout: a Keycloak in the cluster, among `gateway.verifier.managers`, tells the verifier",
        { default: identityDefaults.interactive.revokeOnLogout, example: true },
    ),
});

const identity = z.strictObject({
    issuer: required(
        z.string(),
        "`iss` of the tokens, exactly as they carry it",
        "https://auth.example.org/realms/mcp",
    ),
    adminUrl: optional(z.string(), "Address of the Keycloak to administer, without `/realms`", {
        absent: "nothing is created in Keycloak",
        example: "https://auth.example.org",
    }),
    realm: required(z.string(), "Realm of the clients, never `master`", "mcp"),
    createRealm: optional(z.boolean(), "Create the realm, and remove it with the stack", {
        default: identityDefaults.createRealm,
        example: false,
    }),
    jwksUri: optional(z.string(), "URL from which pods read the signing keys", {
        default: identityDefaults.jwksUri("<issuer>"),
        example:
            "http://keycloak.auth.svc.cluster.local:8080/realms/mcp/protocol/openid-connect/certs",
    }),
    jwksPort: optional(
        z.int(),
        "Port of the pods behind `jwksUri`, where that of their Service differs: network policies allow it",
        { absent: "the port of `jwksUri`", example: 8443 },
    ),
    ca: optional(ca, "Private authority that signed the certificate of issuer and Keycloak", {
        absent: "a public authority",
        example: { configMap: "kube-root-ca.crt", namespace: "default" },
    }),
    furtherIssuers: optional(
        z.array(furtherIssuer),
        "Issuers whose tokens are valid besides, for servers whose audience and scopes they carry",
        { default: [], example: [{ issuer: "https://partner.example.org" }] },
    ),
    clockSkewSeconds: optional(
        z.number(),
        "Accepted difference of clocks between issuers and verifiers, 0 to 300 seconds",
        { default: identityDefaults.clockSkewSeconds, example: 30 },
    ),
    introspection: optional(
        introspection,
        "How the issuer is asked whether tokens were revoked, where servers have `checkRevocation`",
        { default: identityDefaults.introspection, example: { cacheSeconds: 60 } },
    ),
    clients: optional(z.array(client), "Machine clients (client credentials grant)", {
        default: [],
        example: [{ name: "agent", servers: ["weather"] }],
    }),
    interactive: optional(
        interactive,
        "Public client with which people log in (authorization code, PKCE S256)",
        { absent: "people cannot log in", example: { redirects: ["claude", "vscode"] } },
    ),
    registration: registrationKey,
    access: accessKey,
    users: usersKey,
    identityProviders: identityProvidersKey,
    ...realmKeys,
});

/** The keys below `slipway:` besides secrets: shapes only, rules and defaults are those of the components. */
export const stackSettings = z.strictObject({
    namespace: required(z.string(), "Namespace of the servers and their gateway", "mcp"),
    createNamespace: optional(
        z.boolean(),
        "Create the namespace (Pod Security `restricted`), and remove it with the stack",
        { default: serverDefaults.createNamespace, example: false },
    ),
    protect: optional(
        z.boolean(),
        "Refuse to delete namespace and realm; to destroy the stack, set `false` and deploy once more",
        { default: serverDefaults.protect, example: false },
    ),
    context: optional(
        z.string(),
        "Kubeconfig context of the cluster that the stack belongs to; any other is refused, unless it is empty",
        { default: "", example: "prod" },
    ),
    clusterDomain: optional(z.string(), "Domain with which DNS names of the cluster end", {
        default: dnsDefaults.clusterDomain,
        example: "k8s.example.org",
    }),
    dnsPorts: optional(
        z.array(z.int()),
        "Ports of the cluster's DNS pods, which network policies allow; OpenShift has 5353 too",
        { default: dnsDefaults.dnsPorts, example: [53, 5353] },
    ),
    registry: required(registry, "Registry to which images are pushed and from which nodes pull", {
        address: "ghcr.io/acme",
    }),
    packagesDirectory: optional(
        z.string(),
        "Directory of the locks of servers that are packages, relative to the program; written by `preview` and `up`, to be committed",
        { default: "packages", example: "deploy/packages" },
    ),
    pullRegistries: optional(
        z.array(pullRegistry),
        "Further registries that nodes pull from with a login, each with a host of its own",
        {
            default: [],
            example: [{ address: "quay.io", username: "robot", password: "quayPassword" }],
        },
    ),
    gateway: required(gatewaySettings, "Public address of the servers, and how it is exposed", {
        kind: "nginx",
        host: "mcp.example.org",
        tls: { secretName: "mcp-example-org" },
        exposure: { loadBalancer: true },
    }),
    identity: required(identity, "Issuer of the tokens, and the clients that may obtain them", {
        issuer: "https://auth.example.org/realms/mcp",
        realm: "mcp",
    }),
    servers: required(z.array(serverSettings).min(1), "The MCP servers", [
        { name: "weather", source: { build: "images/weather" } },
    ]),
});

export type StackSettings = z.infer<typeof stackSettings>;

/** Secrets below `slipway:` that the program itself reads. */
export const stackSecrets = z.strictObject({
    registryPassword: optional(
        z.string(),
        "Password of `registry.username`, also used for a pull Secret; set it with `pulumi config set --secret registryPassword`",
        { default: "", example: "secret" },
    ),
});
