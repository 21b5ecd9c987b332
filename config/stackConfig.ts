import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

import type {
    ClusterDns,
    IdentityProviderArgs,
    KeycloakAdministrator,
    PublicAddress,
    RealmArgs,
    RegistryArgs,
    UserArgs,
} from "../components/index.ts";
import { type ArgProblem, describeProblems } from "../components/problems/argProblem.ts";
import { describeIssues } from "./describeIssues.ts";
import type { GatewaySettings } from "./gatewaySettings.ts";
import { type IdentitySecrets, readIdentitySecrets } from "./identitySecrets.ts";
import { type BuiltImage, listImages, withCommand } from "./images.ts";
import { findLoginProblems, readKeycloakLogin } from "./keycloakLogin.ts";
import { findContextProblems } from "./kubeContext.ts";
import {
    findPlainSecretProblems,
    readSecret,
    readSecrets,
    type SecretValues,
    separateSecrets,
} from "./secrets.ts";
import type { ServerSettings } from "./serverSettings.ts";
import { findStackProblems } from "./stackRules.ts";
import { stackSettings, type StackSettings } from "./stackSettings.ts";
import { findUnknownKeyProblems, withoutUnknownKeys } from "./unknownKeys.ts";

/** A server of the stack with the values of its secrets. */
export type ConfiguredServer = Omit<ServerSettings, "secrets" | "probe"> & {
    secrets: Record<string, pulumi.Output<string>>;
};

/** The validated configuration of a stack. */
export interface StackConfig {
    /** The cluster of the Kubernetes provider: kubeconfig, as path or content, and context; empty for the usual ones. */
    provider: { kubeconfig: string; context: string };
    /** Proxies through which this machine reaches issuers: the usual variables, as far as they are set. */
    proxies: Record<string, string | undefined>;
    namespace: { namespace: string; create: boolean | undefined; protect: boolean | undefined };
    dns: ClusterDns;
    registry: RegistryArgs;
    /** Further registries that nodes pull from. */
    pullRegistries: RegistryArgs[];
    gateway: GatewaySettings & { address: PublicAddress };
    identity: Pick<
        StackSettings["identity"],
        | "issuer"
        | "jwksUri"
        | "jwksPort"
        | "furtherIssuers"
        | "introspection"
        | "clients"
        | "interactive"
        | "registration"
        | "ca"
        | "access"
    > & {
        realm: RealmArgs | undefined;
        users: UserArgs[];
        identityProviders: IdentityProviderArgs[];
    };
    /** Administrator of Keycloak; undefined when the realm is administered elsewhere. */
    keycloak: KeycloakAdministrator | undefined;
    servers: ConfiguredServer[];
    /** Platform to build images for; undefined for that of this machine. */
    platform: string | undefined;
    /** Images to build, once per directory or package. */
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
    directory = environment["SLIPWAY_CONFIGURATION"] || ".",
): StackConfig {
    const nested = separateSecrets(config, readSettings(config), directory);
    const { data: settings, error } = stackSettings.safeParse(nested.settings, {
        reportInput: true,
    });
    const issues = error?.issues ?? [];
    const known = withoutUnknownKeys(nested.settings, issues) as Record<
        keyof StackSettings,
        unknown
    >;
    const keycloak = readLogin(known.identity, keycloakConfig, environment);
    const { secrets, problems: secretProblems } = readSecrets(known.servers, config);
    const { problems: loginProblems, ...logins } = readIdentitySecrets(known.identity, config);
    const pull = readPullRegistries(known.pullRegistries, config);
    const problems = hideConsequences(nested.problems, [
        ...findUnknownKeyProblems(config.name, known),
        ...describeIssues(stackSettings, issues),
        ...findStackProblems(known),
        ...findContextProblems(
            readContext(known.context),
            new pulumi.Config("kubernetes"),
            environment,
        ),
        ...(keycloak === undefined ? [] : findLoginProblems(keycloak)),
        ...secretProblems,
        ...pull.problems,
        ...loginProblems,
        ...findPlainSecretProblems(config, ["registryPassword"]),
        ...(keycloak === undefined
            ? []
            : findPlainSecretProblems(keycloakConfig, ["clientSecret", "password"])),
    ]);
    if (settings === undefined || problems.length > 0) {
        throw new pulumi.RunError(
            `configuration of stack '${pulumi.getStack()}':\n${describeProblems(problems)}`,
        );
    }
    return {
        ...arrange(settings, config, keycloak, { secrets, variables: nested.variables }, logins),
        pullRegistries: pull.registries,
        provider: readProvider(new pulumi.Config("kubernetes")),
        proxies: readProxies(environment),
    };
}

/** A secret that is refused leaves a placeholder behind, of which other rules complain, and of a whole key all of them. */
function hideConsequences(refused: ArgProblem[], others: ArgProblem[]): ArgProblem[] {
    const isWholeKey = refused.some(({ path }) => path in stackSettings.shape);
    const isNews = ({ path }: ArgProblem) =>
        !refused.some((one) => path === one.path || path.startsWith(`${one.path}.`));
    return isWholeKey ? refused : [...refused, ...others.filter(isNews)];
}

/** The settings as given: JSON where a key is JSON, else its text, which the schema refuses where it must. */
function readSettings(config: pulumi.Config): Record<string, unknown> {
    const entries = Object.entries(stackSettings.shape).map(([key, schema]) => {
        const text = config.get(key);
        if (text === undefined || schema instanceof z.ZodString) {
            return [key, text];
        }
        try {
            return [key, JSON.parse(text) as unknown];
        } catch {
            return [key, text];
        }
    });
    return Object.fromEntries(entries) as Record<string, unknown>;
}

function arrange(
    settings: StackSettings,
    config: pulumi.Config,
    keycloak: StackConfig["keycloak"],
    { secrets, variables }: Record<"secrets" | "variables", SecretValues>,
    logins: Pick<IdentitySecrets, "users" | "identityProviders">,
): Omit<StackConfig, "pullRegistries" | "provider" | "proxies"> {
    const { gateway, identity, servers, protect } = settings;
    const { platform, ...registry } = settings.registry;
    const { adminUrl, realm, createRealm, ...others } = identity;
    const { lifetimes, bruteForce, resourceIndicators, ...issuer } = others;
    const { host, port } = gateway;
    // Pulumi.yaml declares it with an empty default, as Pulumi requires a value for every declared key.
    const hasPassword = (pulumi.runtime.getConfig(config.name + ":registryPassword") ?? "") !== "";
    const password = hasPassword ? config.requireSecret("registryPassword") : undefined;
    return {
        namespace: { namespace: settings.namespace, create: settings.createNamespace, protect },
        dns: { clusterDomain: settings.clusterDomain, dnsPorts: settings.dnsPorts },
        registry: {
            ...registry,
            // One repository per stack: an image that one stack deletes may still run in another.
            address:
                `${registry.address}/${pulumi.getProject()}-${pulumi.getStack()}`.toLowerCase(),
            password,
        },
        gateway: { ...gateway, address: { host, port } },
        identity: {
            ...issuer,
            ...logins,
            realm:
                adminUrl === undefined
                    ? undefined
                    : {
                          ...{ name: realm, create: createRealm, protect },
                          ...{ lifetimes, bruteForce, resourceIndicators },
                      },
        },
        keycloak,
        servers: servers.map((server, index) => ({
            ...withoutProbe(withCommand(server)),
            ...withoutSecrets(server, variables[index]),
            secrets: { ...secrets[index], ...variables[index] },
        })),
        platform,
        images: listImages(servers, settings.packagesDirectory),
        probes: Object.fromEntries(servers.flatMap(listProbes)),
    };
}

/** The probes of a server and of those that are mounted in it, with the scopes that their tools require. */
function listProbes({ mounts = [], ...server }: ServerSettings) {
    const own = { ...server, scopes: server.tools?.scopes?.[server.probe?.tool ?? ""] ?? [] };
    return [own, ...mounts.map((mount) => ({ ...mount, scopes: [] }))].flatMap(
        ({ name, probe, scopes }) =>
            probe === undefined ? [] : [[name, { ...probe, scopes }] as const],
    );
}

function readPullRegistries(
    settings: unknown,
    config: pulumi.Config,
): { registries: RegistryArgs[]; problems: ArgProblem[] } {
    const given = stackSettings.shape.pullRegistries.safeParse(settings).data ?? [];
    const read = given.map(({ password: key, ...registry }, index) => {
        const path = `pullRegistries[${index}].password`;
        const { value: password, problems } = readSecret(config, path, key);
        return { registry: { ...registry, password }, problems };
    });
    return {
        registries: read.map(({ registry }) => registry),
        problems: read.flatMap(({ problems }) => problems),
    };
}

function readProvider(config: pulumi.Config): StackConfig["provider"] {
    return { kubeconfig: config.get("kubeconfig") ?? "", context: config.get("context") ?? "" };
}

function readProxies(environment: NodeJS.ProcessEnv): StackConfig["proxies"] {
    const isProxy = ([name]: [string, unknown]) => /^(https?|no)_proxy$/i.test(name);
    return Object.fromEntries(Object.entries(environment).filter(isProxy));
}

function readContext(context: unknown): string | undefined {
    return stackSettings.shape.context.safeParse(context).data;
}

function withoutProbe(server: ServerSettings): Omit<ServerSettings, "probe"> {
    const deployed = { ...server };
    delete deployed.probe;
    return deployed;
}

/** The plain variables of a server that has secret ones. */
function withoutSecrets({ env = {} }: ServerSettings, secrets: object | undefined) {
    const plain = Object.entries(env).filter(([name]) => !(name in (secrets ?? {})));
    return secrets === undefined ? {} : { env: Object.fromEntries(plain) };
}

function readLogin(
    identity: unknown,
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): StackConfig["keycloak"] {
    const url = stackSettings.shape.identity.safeParse(identity).data?.adminUrl;
    return url === undefined ? undefined : readKeycloakLogin(url, config, environment);
}
