import * as pulumi from "@pulumi/pulumi";

import type {
    Exposure,
    GatewayTls,
    KeycloakAdministrator,
    PublicAddress,
    RegistryArgs,
} from "../components/index.ts";
import { type ArgProblem, describeProblems } from "../components/problems/argProblem.ts";
import { describeIssues } from "./describeIssues.ts";
import { type BuiltImage, listImages } from "./images.ts";
import { findLoginProblems, readKeycloakLogin } from "./keycloakLogin.ts";
import { serverSettings, type ServerSettings } from "./serverSettings.ts";
import { findStackProblems } from "./stackRules.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";
import { findUnknownKeyProblems, withoutUnknownKeys } from "./unknownKeys.ts";

/** A server of the stack with the values of its secrets. */
export type ConfiguredServer = Omit<ServerSettings, "secrets" | "probe"> & {
    secrets: Record<string, pulumi.Output<string>>;
};

/** The validated configuration of a stack. */
export interface StackConfig {
    namespace: { namespace: string; create: boolean | undefined };
    registry: RegistryArgs;
    gateway: { address: PublicAddress; tls: GatewayTls; exposure: Exposure; replicas?: number };
    identity: Pick<StackSettings["identity"], "issuer" | "jwksUri" | "clients" | "ca"> & {
        realm: { name: string; create: boolean | undefined } | undefined;
    };
    /** Administrator of Keycloak; undefined when the realm is administered elsewhere. */
    keycloak: KeycloakAdministrator | undefined;
    servers: ConfiguredServer[];
    /** Images to build, once per directory. */
    images: BuiltImage[];
    /** The call with which `npm run verify` checks a server, and the scopes of its tool, by server. */
    probes: Record<string, NonNullable<ServerSettings["probe"]> & { scopes: string[] }>;
}

/**
 * Reads the configuration of a stack. Nothing else in the program calls `pulumi.Config` or reads the environment. All
 * problems, those that the rules of the components find included, are reported at once and before anything is created.
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
        ...findUnknownKeyProblems(config.name, known.servers),
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
    // Pulumi.yaml declares it with an empty default, as Pulumi requires a value for every declared key.
    const hasPassword = (pulumi.runtime.getConfig(config.name + ":registryPassword") ?? "") !== "";
    const password = hasPassword ? config.requireSecret("registryPassword") : undefined;
    return {
        namespace: { namespace: settings.namespace, create: settings.createNamespace },
        registry: {
            ...registry,
            // One repository per stack: an image that one stack deletes may still run in another.
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
        images: listImages(servers),
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

/** Reads the secrets of each server; a problem for each missing one says how to set it. */
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
