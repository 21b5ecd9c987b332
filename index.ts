import * as slipway from "./components/index.ts";
import { readStackConfig } from "./config/stackConfig.ts";

const { registry, ...config } = readStackConfig();
const { address } = config.gateway;
const place = new slipway.ServerNamespace("servers", { ...config.namespace, registry });
const { namespace, pullSecretName } = place;

const bridge = new slipway.ServerImage("bridge", { directory: "images/bridge", registry });
const images = new Map([["images/bridge", bridge]]);

const caCertificate = slipway.readCaCertificate("identity-ca", config.identity.ca);
const protectedServers = slipway.resolveEndpoints(config.servers, address);
const identity = new slipway.Identity(
    "identity",
    { ...config.identity, caCertificate, namespace, servers: protectedServers },
    slipway.keycloakAccess("keycloak", config.keycloak, caCertificate),
);

const bridgeImage = bridge.reference;
const shared = { namespace, pullSecretName, address, registry, images, bridgeImage };
const servers = config.servers.map((s) => new slipway.McpServer(s.name, { ...s, ...shared }));

const routes = servers.map(({ route }) => route);
const carried = { namespace, pullSecretName, identity, routes, verifierImage: bridgeImage };
const gateway = new slipway.NginxGateway("gateway", { ...config.gateway, ...carried });

/** Where each MCP server answers, by name. */
export const endpoints = gateway.endpoints;
/** How each machine client gets its tokens: client id, token endpoint, Secret, and the servers it may call. */
export const clients = identity.clients;
/** Password of each machine client; secret. The Secret of the client holds it as well. */
export const clientSecrets = identity.clientSecrets;
/** PEM certificates that a client must trust besides the public ones. */
export const caCertificates = slipway.joinCertificates(gateway.caCertificate, caCertificate);
/** The call that shows a server works, by server; `npm run verify` makes it. */
export const probes = config.probes;
