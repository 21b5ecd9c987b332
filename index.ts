import {
    Identity,
    joinCertificates,
    keycloakAccess,
    McpServer,
    NginxGateway,
    readCaCertificate,
    resolveEndpoints,
    ServerImage,
    ServerNamespace,
} from "./components/index.ts";
import { readStackConfig } from "./components/stackConfig.ts";

const config = readStackConfig();
const { registry } = config;
const { address } = config.gateway;

const { namespace, pullSecretName } = new ServerNamespace("servers", {
    ...config.namespace,
    registry,
});
const bridge = new ServerImage("bridge", { directory: "images/bridge", registry });
const images = new Map([["images/bridge", bridge]]);

const caCertificate = readCaCertificate("identity-ca", config.identity.ca);
const identity = new Identity(
    "identity",
    {
        ...config.identity,
        caCertificate,
        namespace,
        servers: resolveEndpoints(config.servers, address),
    },
    keycloakAccess("keycloak", config.keycloak, caCertificate),
);

const shared = {
    namespace,
    pullSecretName,
    address,
    registry,
    images,
    bridgeImage: bridge.reference,
};
const servers = config.servers.map(
    (server) => new McpServer(server.name, { ...server, ...shared }),
);

const routes = servers.map(({ route }) => route);
const gateway = new NginxGateway("gateway", {
    ...{ ...config.gateway, namespace, pullSecretName, identity, routes },
    verifierImage: bridge.reference,
});

/** Where each MCP server answers, by name. */
export const endpoints = gateway.endpoints;
/** How each machine client gets its tokens: client id, token endpoint, Secret, and the servers it may call. */
export const clients = identity.clients;
/** Password of each machine client; secret. The Secret of the client holds it as well. */
export const clientSecrets = identity.clientSecrets;
/** PEM certificates that a client must trust besides the public ones. */
export const caCertificates = joinCertificates(gateway.caCertificate, identity.caCertificate);
/** The call that shows a server works, by server; `npm run verify` makes it. */
export const probes = config.probes;
