export { type CaSource, joinCertificates, readCaCertificate } from "./identity/caCertificate.ts";
export {
    type Endpoint,
    type EndpointArgs,
    resolveEndpoint,
    resolveEndpoints,
} from "./server/endpoint.ts";
export {
    type Exposure,
    type Gateway,
    type GatewayTls,
    type PublicAddress,
    resourceMetadataPath,
    resourceUri,
    type Route,
    type RouteCors,
    type RouteLimits,
    type TokenIssuer,
} from "./gateways/gateway.ts";
export { NginxGateway, type NginxGatewayArgs } from "./gateways/nginx/nginxGateway.ts";
export {
    type ClientAccess,
    Identity,
    type IdentityArgs,
    type MachineClientAccess,
    type ProtectedServer,
} from "./identity/identity.ts";
export type { ArgProblem } from "./problems/argProblem.ts";
export { keycloakAccess, type KeycloakAdministrator } from "./identity/keycloakAccess.ts";
export { MachineClient, type MachineClientArgs } from "./identity/machineClient.ts";
export { type ImageSource, McpServer, type McpServerArgs } from "./server/mcpServer.ts";
export { ServerDeployment } from "./server/deployment/serverDeployment.ts";
export type { ServerDeploymentArgs } from "./server/deployment/args.ts";
export type { BridgeArgs } from "./server/bridge/container.ts";
export type {
    BridgeSettings,
    CallSettings,
    ProcessSettings,
    SessionSettings,
    ToolRules,
} from "./server/bridge/args.ts";
export type { EgressRule, IngressRule } from "./server/deployment/networkPolicy.ts";
export type { ResourcesArgs } from "./server/deployment/podSpec.ts";
export type { ReplicaRange, ScalingArgs } from "./server/deployment/scaling.ts";
export type { Isolation, Sessions, Transport } from "./server/deployment/rules.ts";
export type { VolumeArgs } from "./server/deployment/volumes.ts";
export { type RegistryArgs, ServerImage, type ServerImageArgs } from "./image/serverImage.ts";
export { ServerNamespace, type ServerNamespaceArgs } from "./server/serverNamespace.ts";
export {
    TokenVerifier,
    type TokenVerifierArgs,
    type VerifiedServer,
} from "./gateways/tokenVerifier.ts";
