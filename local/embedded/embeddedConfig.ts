import { ports } from "../cluster/addresses.ts";
import { registryAddress } from "../mirror/registry.ts";
import { readObject, type StackConfiguration, type StackFile } from "./stackFile.ts";

/** Address of the platform's Keycloak, from the machine and from its pods. */
const keycloakUrl = `https://localhost:${ports.keycloak}`;
const keycloakInCluster = "https://keycloak.keycloak.svc.cluster.local:8443";

/**
 * What a stack's file names that is not the embedded platform's, each as one phrase. A stack without any is deployed to
 * the embedded platform.
 */
export function findOwnParts({ config = {}, ...file }: StackFile): string[] {
    const registry = readObject(config, "slipway:registry")?.["address"];
    const identity = readObject(config, "slipway:identity") ?? {};
    const own = (key: string, value: unknown, embedded: string) =>
        typeof value === "string" && value !== embedded && !value.startsWith(`${embedded}/`)
            ? [`${key} '${value}'`]
            : [];
    const given = (keys: string[], values: Record<string, unknown>) =>
        keys.filter((key) => (values[key] ?? "") !== "").map((key) => `'${key}'`);
    return [
        ...own("registry.address", registry, registryAddress),
        ...own("identity.issuer", identity["issuer"], keycloakUrl),
        ...own("identity.adminUrl", identity["adminUrl"], keycloakUrl),
        ...given(["slipway:context", "kubernetes:context", "kubernetes:kubeconfig"], config),
        ...given(["environment", "secretsprovider", "encryptedkey"], { ...file }),
    ];
}

/**
 * Completes the configuration of a stack for the embedded platform: everything but `servers` may be left out. What is
 * given stays, also what is invalid, which the program refuses.
 *
 * @param port - Port of the gateway, unless the configuration has one.
 */
export function completeConfig(
    stack: string,
    config: StackConfiguration,
    port: number | undefined,
): StackConfiguration {
    const registry = readObject(config, "slipway:registry");
    const gateway = readObject(config, "slipway:gateway");
    const identity = readObject(config, "slipway:identity");
    return {
        "slipway:namespace": findNamespace(stack, config),
        "slipway:protect": false,
        ...config,
        ...(registry && { "slipway:registry": { address: registryAddress, ...registry } }),
        ...(gateway && { "slipway:gateway": completeGateway(gateway, port) }),
        ...(identity && { "slipway:identity": completeIdentity(stack, identity, config) }),
    };
}

/** Namespace of a stack on the embedded platform. */
export function findNamespace(stack: string, config: StackConfiguration): string {
    const given = config["slipway:namespace"];
    return typeof given === "string" ? given : nameOf(stack);
}

/** Realm of a stack on the embedded platform. */
export function findRealm(stack: string, config: StackConfiguration): string {
    return realmOf(stack, readObject(config, "slipway:identity") ?? {});
}

/** Every stack has a namespace and a realm with its own name. */
function nameOf(stack: string): string {
    const name = stack.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    return name.replaceAll(/^-|-$/g, "").slice(0, 63) || "mcp";
}

function realmOf(stack: string, { realm, issuer }: Record<string, unknown>): string {
    if (typeof realm === "string") return realm;
    const named = typeof issuer === "string" ? /\/realms\/([^/]+)$/.exec(issuer)?.[1] : undefined;
    return named ?? nameOf(stack);
}

function completeGateway(
    given: Record<string, unknown>,
    chosen: number | undefined,
): Record<string, unknown> {
    const { kind = "nginx" } = given;
    if (kind !== "nginx") return given;
    const exposure = readObject(given, "exposure") ?? {};
    const port = given["port"] ?? exposure["nodePort"] ?? chosen;
    const requests = { requests: { cpu: "20m" } };
    return {
        kind,
        host: "localhost",
        ...(port === undefined ? {} : { port, exposure: { nodePort: port } }),
        tls: { selfSigned: true },
        // One node: a second pod would only take from the room of other stacks.
        replicas: 1,
        resources: requests,
        verifier: { replicas: 1, resources: requests },
        ...given,
    };
}

function completeIdentity(
    stack: string,
    given: Record<string, unknown>,
    config: StackConfiguration,
): Record<string, unknown> {
    const realm = realmOf(stack, given);
    return {
        issuer: `${keycloakUrl}/realms/${realm}`,
        adminUrl: keycloakUrl,
        realm,
        createRealm: true,
        jwksUri: `${keycloakInCluster}/realms/${realm}/protocol/openid-connect/certs`,
        ca: { configMap: "kube-root-ca.crt", namespace: "default" },
        clients: [buildAgent(config["slipway:servers"])],
        ...given,
    };
}

/** A machine client for every server, and for all tools. */
function buildAgent(servers: unknown): object {
    const all = Array.isArray(servers) ? (servers as unknown[]).flatMap(withMounts) : [];
    const scopes = all.flatMap((server) => {
        const tools = readObject(server, "tools") ?? {};
        return Object.values(readObject(tools, "scopes") ?? {}).flat();
    });
    const names = all.map(({ name }) => name).filter((name) => typeof name === "string");
    return { name: "agent", servers: names, scopes: [...new Set(scopes)] };
}

function withMounts(server: unknown): Record<string, unknown>[] {
    if (typeof server !== "object" || server === null) return [];
    const { mounts } = server as { mounts?: unknown };
    const mounted = Array.isArray(mounts) ? (mounts as unknown[]) : [];
    return [server as Record<string, unknown>, ...mounted.flatMap(withMounts)];
}
