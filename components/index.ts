export {
    type Authorization,
    buildClientConfig,
    type ClientKind,
    clientKinds,
    type ClientName,
    describeRenewal,
    listClientVariables,
} from "./clients/clientConfig.ts";
export {
    buildClientConfigs,
    buildServerJsons,
    type ClientConfigsArgs,
} from "./clients/clientConfigs.ts";
export type { ClientEndpoint, ClientFiles } from "./clients/endpoint.ts";
export { buildServerJson } from "./clients/serverJson.ts";
export {
    ApisixAuthentication,
    type ApisixGatewayArgs,
    type ApisixInstallArgs,
    type CallerLimits,
    type EnterpriseInferenceArgs,
    type OpenidConnectArgs,
    type ToolLimit,
} from "./gateways/apisix/args.ts";
export { ApisixGateway, apisixGatewayPods } from "./gateways/apisix/apisixGateway.ts";
export type {
    CertificateValidity,
    Exposure,
    Gateway,
    GatewayArgs,
    GatewayTls,
    RoutingArgs,
    VerifierPodsArgs,
} from "./gateways/gateway.ts";
export { resourceMetadataPath, resourceUri } from "./gateways/gateway.ts";
export {
    createGateway,
    findGatewayPods,
    type GatewayChoice,
    type GatewayKind,
    type GatewayPlace,
} from "./gateways/createGateway.ts";
export { IngressFlavor, type IngressGatewayArgs } from "./gateways/ingress/args.ts";
export { IngressGateway, ingressGatewayPods } from "./gateways/ingress/ingressGateway.ts";
export {
    NginxGateway,
    type NginxGatewayArgs,
    nginxGatewayPods,
} from "./gateways/nginx/nginxGateway.ts";
export type { VerifiedRoutes } from "./gateways/verification.ts";
export type { PublicAddress, Route, RouteCors, RouteLimits } from "./gateways/route.ts";
export {
    TokenVerifier,
    type TokenVerifierArgs,
    type VerifiedServer,
    verifiedServer,
} from "./gateways/tokenVerifier.ts";
export type {
    AccessGrant,
    ClaimGroup,
    IdentityProviderArgs,
    UserArgs,
} from "./identity/accessArgs.ts";
export type {
    ClientAccess,
    FurtherIssuer,
    IdentityArgs,
    IntrospectionArgs,
    MachineClientAccess,
    ProtectedServer,
    RealmArgs,
    TokenIntrospection,
    TokenIssuer,
} from "./identity/args.ts";
export { type CaSource, joinCertificates, readCaCertificate } from "./identity/caCertificate.ts";
export { Identity } from "./identity/identity.ts";
export { type InteractiveAccess, InteractiveProgram } from "./identity/interactiveAccess.ts";
export { InteractiveClient, type InteractiveClientArgs } from "./identity/interactiveClient.ts";
export { keycloakAccess, type KeycloakAdministrator } from "./identity/keycloakAccess.ts";
export type { BruteForceProtection, TokenLifetimes } from "./identity/realmArgs.ts";
export type {
    ClientRegistration,
    DocumentRegistration,
    DynamicRegistration,
} from "./identity/registrationArgs.ts";
export { MachineClient, type MachineClientArgs } from "./identity/machineClient.ts";
export type { PackageArgs, RegistryArgs, ServerImageArgs } from "./image/args.ts";
export { packageCommand } from "./image/package/dockerfiles.ts";
export { ServerImage } from "./image/serverImage.ts";
export type { ClusterDns, PodSelector } from "./pods/network.ts";
export type { Quantities, ResourcesArgs } from "./pods/resources.ts";
export type { SchedulingArgs, Toleration } from "./pods/scheduling.ts";
export type { ArgProblem } from "./problems/argProblem.ts";
export type { EndpointArgs, McpServerArgs, MountArgs } from "./server/args.ts";
export {
    type BridgeArgs,
    type BridgeEndpoint,
    type BridgeSettings,
    type CallSettings,
    Isolation,
    type ProcessSettings,
    ServerLog,
    type SessionSettings,
    type ToolRules,
} from "./server/bridge/args.ts";
export type { CommonServerArgs, ServerDeploymentArgs } from "./server/deployment/args.ts";
export { ServerDeployment } from "./server/deployment/serverDeployment.ts";
export {
    type EgressRule,
    type FilesArgs,
    type IngressRule,
    type ReplicaRange,
    type ScalingArgs,
    ScalingMetric,
    Sessions,
    Transport,
    type VariableSource,
    type VolumeArgs,
} from "./server/deployment/settings.ts";
export { type Endpoint, resolveEndpoint, resolveEndpoints } from "./server/endpoint.ts";
export { McpServer } from "./server/mcpServer.ts";
export { ServerNamespace, type ServerNamespaceArgs } from "./server/serverNamespace.ts";
