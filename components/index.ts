export { type CaSource, joinCertificates, readCaCertificate } from "./caCertificate.ts";
export { type Endpoint, type EndpointArgs, resolveEndpoint, resolveEndpoints } from "./endpoint.ts";
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
export { NginxGateway, type NginxGatewayArgs } from "./gateways/nginxGateway.ts";
export {
    type ClientAccess,
    Identity,
    type IdentityArgs,
    type MachineClientAccess,
    type ProtectedServer,
} from "./identity.ts";
export type { ArgProblem } from "./invalidArgs.ts";
export { keycloakAccess, type KeycloakAdministrator } from "./keycloakAccess.ts";
export { MachineClient, type MachineClientArgs } from "./machineClient.ts";
export { type ImageSource, McpServer, type McpServerArgs } from "./mcpServer.ts";
export { ServerDeployment } from "./serverDeployment.ts";
export type { ServerDeploymentArgs } from "./serverDeployment/serverDeploymentArgs.ts";
export type { BridgeArgs } from "./serverDeployment/bridge.ts";
export type {
    BridgeSettings,
    CallSettings,
    ProcessSettings,
    SessionSettings,
    ToolRules,
} from "./serverDeployment/bridgeSettings.ts";
export type { EgressRule, IngressRule } from "./serverDeployment/networkPolicy.ts";
export type { ResourcesArgs } from "./serverDeployment/podSpec.ts";
export type { ReplicaRange, ScalingArgs } from "./serverDeployment/scaling.ts";
export type { Isolation, Sessions, Transport } from "./serverDeployment/serverRules.ts";
export type { VolumeArgs } from "./serverDeployment/volumes.ts";
export { type RegistryArgs, ServerImage, type ServerImageArgs } from "./serverImage.ts";
export { ServerNamespace, type ServerNamespaceArgs } from "./serverNamespace.ts";
export { TokenVerifier, type TokenVerifierArgs, type VerifiedServer } from "./tokenVerifier.ts";
