import * as pulumi from "@pulumi/pulumi";

import type { Exposure, GatewayTls, PublicAddress } from "../components/gateways/gateway.ts";
import { type ArgProblem, describeProblems } from "../components/problems/argProblem.ts";
import type { KeycloakAdministrator } from "../components/identity/keycloakAccess.ts";
import type { RegistryArgs } from "../components/image/serverImage.ts";
import { describeIssues } from "./describeIssues.ts";
import { findLoginProblems, readKeycloakLogin } from "./keycloakLogin.ts";
import { findKeyProblems } from "./keyRules.ts";
import { withoutUnknownKeys } from "./knownKeys.ts";
import { serverSettings, type ServerSettings } from "./serverSettings.ts";
import { findStackProblems } from "./stackRules.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";

/** A server as configured, its secrets fetched. */
export type ConfiguredServer = Omit<ServerSettings, "secrets" | "probe"> & {
    secrets: Record<string, pulumi.Output<string>>;
};

/** Everything a stack says, checked. */
export interface StackConfig {
    namespace: { namespace: string; create: boolean | undefined };
    registry: RegistryArgs;
    gateway: { address: PublicAddress; tls: GatewayTls; exposure: Exposure; replicas?: number };
    identity: Pick<StackSettings["identity"], "issuer" | "jwksUri" | "clients" | "ca"> & {
        realm: { name: string; create: boolean | undefined } | undefined;
    };
    /** Who administers Keycloak; undefined when the realm is administered elsewhere. */
    keycloak: KeycloakAdministrator | undefined;
    servers: ConfiguredServer[];
    /** The call that shows a server works, by server, with the scopes that the tool needs; for those that have one. */
    probes: Record<string, NonNullable<ServerSettings["probe"]> & { scopes: string[] }>;
}

/**
 * Reads the whole configuration of a stack. Nothing else in the project calls `pulumi.Config` or reads the environment.
 * Everything that is wrong, rules of components included, is reported at once, before anything is created.
 */
export function readStackConfig(
    config = new pulumi.Config(),
    keycloakConfig = new pulumi.Config("keycloak"),
    environment: NodeJS.ProcessEnv = process.env,
): StackConfig {
    const raw = {
        namespace: config.get("namespace"),
        createNamespace: config.getObject("createNamespace"),
        registry: config.getObject("registry"),
        gateway: config.getObject("gateway"),
        identity: config.getObject("identity"),
        servers: config.getObject("servers"),
    };
    const { data: settings, error } = stackSettings.safeParse(raw, { reportInput: true });
    const issues = error?.issues ?? [];
    const known = withoutUnknownKeys(raw, issues);
    const keycloak = readLogin(known.identity, keycloakConfig, environment);
    const { secrets, problems: secretProblems } = readSecrets(known.servers, config);
    const problems = [
        ...findKeyProblems(config.name, pulumi.runtime.allConfig(), known.servers),
        ...describeIssues(stackSettings, issues),
        ...findStackProblems(known),
        ...(keycloak === undefined ? [] : findLoginProblems(keycloak)),
        ...secretProblems,
    ];
    if (settings === undefined || problems.length > 0) {
        throw new pulumi.RunError(
            `configuration of stack '${pulumi.getStack()}':\n${describeProblems(problems)}`,
        );
    }
    return arrange(settings, config, keycloak, secrets);
}

function arrange(
    settings: StackSettings,
    config: pulumi.Config,
    keycloak: StackConfig["keycloak"],
    secrets: SecretValues[],
): StackConfig {
    const { registry, gateway, identity, servers } = settings;
    const { adminUrl, realm, createRealm, ...issuer } = identity;
    const { host, port, tls, exposure, replicas } = gateway;
    // Declared in Pulumi.yaml with an empty default, as Pulumi demands every declared key otherwise.
    const hasPassword = (pulumi.runtime.getConfig(config.name + ":registryPassword") ?? "") !== "";
    const password = hasPassword ? config.requireSecret("registryPassword") : undefined;
    return {
        namespace: { namespace: settings.namespace, create: settings.createNamespace },
        registry: {
            ...registry,
            // A repository of its own for each stack: what one removes, another may still run.
            address:
                `${registry.address}/${pulumi.getProject()}-${pulumi.getStack()}`.toLowerCase(),
            password,
        },
        gateway: { address: { host, port }, tls, exposure, replicas },
        identity: {
            ...issuer,
            realm: adminUrl === undefined ? undefined : { name: realm, create: createRealm },
        },
        keycloak,
        servers: servers.map((server, index) => ({
            ...withoutProbe(server),
            secrets: secrets[index] ?? {},
        })),
        probes: Object.fromEntries(
            servers.flatMap(({ name, probe, tools }) =>
                probe === undefined
                    ? []
                    : [[name, { ...probe, scopes: tools?.scopes?.[probe.tool] ?? [] }]],
            ),
        ),
    };
}

function withoutProbe(server: ServerSettings): Omit<ServerSettings, "probe"> {
    const deployed = { ...server };
    delete deployed.probe;
    return deployed;
}

function readLogin(
    identity: unknown,
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): StackConfig["keycloak"] {
    const url = stackSettings.shape.identity.safeParse(identity).data?.adminUrl;
    return url === undefined ? undefined : readKeycloakLogin(url, config, environment);
}

type SecretValues = Record<string, pulumi.Output<string>>;

/** Fetches the secrets of each server; each that is missing is a problem that says how to set it. */
function readSecrets(
    servers: unknown,
    config: pulumi.Config,
): { secrets: SecretValues[]; problems: ArgProblem[] } {
    const problems: ArgProblem[] = [];
    const all = Array.isArray(servers) ? (servers as unknown[]) : [];
    const secrets = all.map((server, index) => {
        const keys = serverSettings.safeParse(server).data?.secrets ?? {};
        return Object.fromEntries(
            Object.entries(keys).flatMap(([variable, key]) => {
                const value = config.getSecret(key);
                if (value === undefined) {
                    problems.push({
                        path: `servers[${index}].secrets.${variable}`,
                        reason: `must name a secret of this stack, got '${key}'; run 'pulumi config set --secret ${key}'`,
                    });
                }
                return value === undefined ? [] : [[variable, value] as const];
            }),
        );
    });
    return { secrets, problems };
}
