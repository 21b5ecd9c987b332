import * as slipway from "./components/index.ts";
import { bridgeSource, findImage } from "./config/images.ts";
import { preflight } from "./config/preflight.ts";
import { readStackConfig } from "./config/stackConfig.ts";

const { registry, pullRegistries, platform, dns, ...config } = readStackConfig();
await preflight(config);
const { address } = config.gateway;
const namespaceArgs = { ...config.namespace, registry, pullRegistries };
const place = new slipway.ServerNamespace("servers", namespaceArgs);
const { namespace, pullSecretName } = place;

const images = Object.fromEntries(
    config.images.map(({ name, key, build, opts }) => [
        key,
        new slipway.ServerImage(name, { registry, platform, ...build }, opts),
    ]),
);
const bridgeImage = findImage(bridgeSource, images);

const caCertificate = slipway.readCaCertificate("identity-ca", config.identity.ca);
const protectedServers = slipway.resolveEndpoints(config.servers, address);
const identity = new slipway.Identity(
    "identity",
    { ...config.identity, caCertificate, namespace, servers: protectedServers },
    slipway.keycloakAccess("keycloak", config.keycloak, caCertificate),
);

const gatewayPods = slipway.findGatewayPods(config.gateway);
const shared = { namespace, pullSecretName, address, gatewayPods, bridgeImage, ...dns };
const servers = config.servers.map(
    ({ source, ...server }) =>
        new slipway.McpServer(server.name, {
            ...server,
            ...shared,
            image: findImage(source, images),
        }),
);

const routes = servers.flatMap(({ routes }) => routes);
const carried = { namespace, pullSecretName, identity, routes, verifierImage: bridgeImage, ...dns };
const gateway = slipway.createGateway("gateway", { ...config.gateway, ...carried });

/** Public URL of each MCP server, by name. */
export const endpoints = gateway.endpoints;
/** How each machine client obtains its tokens: client id, token endpoint, Secret, and the servers it may call. */
export const clients = identity.clients;
/** Password of each machine client; secret. The Secret of the client holds it as well. */
export const clientSecrets = identity.clientSecrets;
/** Client id with which people log in from their programs; absent when they cannot. */
export const interactiveClientId = identity.interactiveClientId;
/** PEM certificates that a client must trust besides the public ones. */
export const caCertificates = slipway.joinCertificates(gateway.caCertificate, caCertificate);
/** When a self-signed certificate is replaced by `pulumi up`, and when it expires; absent with a certificate of your own. */
export const certificateValidity = gateway.certificateValidity;
/** Host name or IP address to which the DNS names of the hosts should lead; absent on a node port. */
export const loadBalancerAddress = gateway.loadBalancerAddress;
/** Issuer of access tokens. */
export const issuer = identity.issuer;
/** Configuration of each MCP client for each server, as text without secrets; `npm run connect` prints it. */
export const clientConfigs = slipway.buildClientConfigs({ endpoints, issuer, caCertificates });
/** Entry of each server for an MCP registry (`server.json`). */
export const serverJson = slipway.buildServerJsons(endpoints);
/** The call with which `npm run verify` checks a server, by server. */
export const probes = config.probes;
