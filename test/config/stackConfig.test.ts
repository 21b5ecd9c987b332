import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { readStackConfig, type StackConfig } from "../../config/stackConfig.ts";
import { recordResources, valueOf } from "../support/recordResources.ts";
import { makeSourceDirectory } from "../support/sourceDirectory.ts";

type Settings = Record<string, unknown>;

const login = { KEYCLOAK_USER: "admin", KEYCLOAK_PASSWORD: "hidden" };

const weather = { name: "weather", source: { image: "registry.example.org/weather:1.0.0" } };
const good: Settings = {
    namespace: "tools",
    registry: { address: "registry.example.org" },
    gateway: {
        kind: "nginx",
        host: "mcp.example.org",
        tls: { secretName: "tls" },
        exposure: { loadBalancer: true },
    },
    identity: {
        issuer: "https://auth.example.org/realms/tools",
        adminUrl: "https://auth.example.org",
        realm: "tools",
        clients: [{ name: "sailor", servers: ["weather"] }],
    },
    servers: [weather],
};

const apisix = { kind: "apisix", host: "mcp.example.org", tls: { secretName: "tls" } };

interface ReadOptions {
    environment?: NodeJS.ProcessEnv;
    secrets?: Record<string, string>;
    /** Keys of other namespaces, such as `keycloak:username`. */
    further?: Record<string, string>;
    /** Keys that the engine reports as secret. */
    secretKeys?: string[];
    /** Content of the stack's file. */
    file?: string;
}

async function read(
    settings: Settings,
    { environment = login, secrets = {}, further = {}, secretKeys, file }: ReadOptions = {},
): Promise<StackConfig> {
    const entries = Object.entries({ ...settings, ...secrets }).map(([key, value]) => [
        `slipway:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const directory = mkdtempSync(join(tmpdir(), "slipway-config-"));
    if (file !== undefined) writeFileSync(join(directory, "Pulumi.test.yaml"), file);
    let config: StackConfig | undefined;
    await recordResources(
        () => {
            const variables = { ...environment, SLIPWAY_CONFIGURATION: directory };
            config = readStackConfig(undefined, undefined, variables);
        },
        {
            config: { ...(Object.fromEntries(entries) as Record<string, string>), ...further },
            secretKeys,
        },
    ).finally(() => rmSync(directory, { recursive: true }));
    assert.ok(config);
    return config;
}

async function linesOf(settings: Settings, options?: ReadOptions): Promise<string[]> {
    try {
        await read(settings, options);
    } catch (error) {
        assert.ok(error instanceof pulumi.RunError);
        const [heading, ...lines] = error.message.split("\n");
        assert.equal(heading, "configuration of stack 'test':");
        return lines.map((line) => line.replace(/^ {2}- /, ""));
    }
    return [];
}

/** Keys as the engine names them. */
const prefixed = (keys: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [`slipway:${key}`, value]));

const servers = (change: Settings) => ({ ...good, servers: [{ ...weather, ...change }] });
const gateway = (change: Settings) => ({
    ...good,
    gateway: { ...(good["gateway"] as object), ...change },
});
const identity = (change: Settings) => ({
    ...good,
    identity: { ...(good["identity"] as object), ...change },
});

const refused: { what: string; settings: Settings; lines: RegExp[] }[] = [
    {
        what: "a misspelt key",
        settings: servers({ replcas: { min: 1, max: 2 } }),
        lines: [
            /^servers\[0\]\.replcas: must be one of 'name', .*got 'replcas'; did you mean 'replicas'\?$/,
        ],
    },
    {
        what: "an unknown key",
        settings: gateway({ colour: "red" }),
        lines: [/^gateway\.colour: must be one of 'kind', .*'replicas', .*got 'colour'$/],
    },
    {
        what: "a misspelt key of the stack",
        settings: { ...good, createNamespce: "false" },
        lines: [
            /^createNamespce: must be one of 'namespace', .*; did you mean 'createNamespace'\?$/,
        ],
    },
    {
        what: "a key that is missing",
        settings: { ...good, namespace: undefined },
        lines: [/^namespace: must be given, got nothing$/],
    },
    {
        what: "no server",
        settings: {
            ...good,
            servers: [],
            identity: { ...(good["identity"] as object), clients: [] },
        },
        lines: [/^servers: must have at least 1 entry, got an empty list$/],
    },
    {
        what: "a value of another type",
        settings: servers({ port: "eighty" }),
        lines: [/^servers\[0\]\.port: must be of type number, got 'eighty'$/],
    },
    {
        what: "a word that is none of the words",
        settings: servers({ transport: "sse" }),
        lines: [/^servers\[0\]\.transport: must be 'http' or 'stdio', got 'sse'$/],
    },
    {
        what: "a source of two kinds",
        settings: servers({ source: { build: "a", image: "b:1.0.0" } }),
        lines: [/^servers\[0\]\.source: must be one of .*, got \{ build, image \}$/],
    },
    {
        what: "keys of another kind of gateway, and values that APISIX would refuse",
        settings: {
            ...good,
            gateway: {
                kind: "apisix",
                host: "192.0.2.1",
                tls: {},
                exposure: { loadBalancer: true },
                authentication: "introspection",
                toolLimits: [{ server: "wether", tools: ["forecast"], calls: 1, seconds: 1 }],
            },
        },
        lines: [
            /^gateway\.tls: must be either \{ secretName: <Secret> \} or/,
            /^gateway\.exposure: must be one of 'kind', .*'install', got 'exposure'$/,
            /^gateway\.openidConnect\.clientSecretName: must name the Secret/,
            /^gateway\.toolLimits\[0\]\.server: must be the name of a server, got 'wether'; did you mean 'weather'\?$/,
            /^gateway\.host: must be a host name behind an Ingress, got the address '192\.0\.2\.1'$/,
        ],
    },
    {
        what: "further issuers and revocation that APISIX would ignore",
        settings: {
            ...identity({ furtherIssuers: [{ issuer: "https://partner.example.org" }] }),
            gateway: { ...apisix, authentication: "jwks" },
            servers: [{ ...weather, checkRevocation: true }],
        },
        lines: [
            /^identity\.furtherIssuers: must be empty for APISIX with authentication 'jwks', .*got 1; remove them, or choose 'forwardAuth'$/,
            /^servers\[0\]\.checkRevocation: must be absent for APISIX .*got true; choose 'forwardAuth' or 'introspection'$/,
        ],
    },
    {
        what: "further issuers that APISIX would not ask",
        settings: {
            ...identity({ furtherIssuers: [{ issuer: "https://partner.example.org" }] }),
            gateway: {
                ...apisix,
                authentication: "introspection",
                openidConnect: { clientSecretName: "introspector" },
            },
            servers: [{ ...weather, checkRevocation: true }],
        },
        lines: [/^identity\.furtherIssuers: must be empty .*'introspection'/],
    },
    {
        what: "an Ingress controller that is not known",
        settings: {
            ...good,
            gateway: {
                kind: "ingress",
                flavor: "traefik",
                host: "mcp.example.org",
                tls: { secretName: "tls" },
            },
        },
        lines: [/^gateway\.flavor: must be 'ingress-nginx' or 'nginx-inc', got 'traefik'$/],
    },
    {
        what: "a gateway of an unknown kind",
        settings: gateway({ kind: "envoy" }),
        lines: [/^gateway\.kind: must be 'nginx', 'apisix' or 'ingress', got 'envoy'$/],
    },
    {
        what: "a host with a scheme",
        settings: gateway({ host: "https://mcp.example.org" }),
        lines: [/^gateway\.host: .*did you mean 'mcp\.example\.org'\?$/],
    },
    {
        what: "the tag latest",
        settings: servers({ source: { image: "weather:latest" } }),
        lines: [/^servers\[0\]\.source\.image: .*got 'weather:latest'$/],
    },
    {
        what: "a duplicate name",
        settings: { ...good, servers: [weather, { ...weather, prefix: "/other" }] },
        lines: [/^servers\[1\]\.name: must be given once/],
    },
    {
        what: "a duplicate prefix",
        settings: {
            ...good,
            servers: [weather, { ...weather, name: "tides", prefix: "/weather" }],
        },
        lines: [/^servers\[1\]\.prefix: .*of 'weather' .*, got '\/weather'; give one of the two/],
    },
    {
        what: "a maximum below the minimum",
        settings: servers({ replicas: { min: 4, max: 3 } }),
        lines: [/^servers\[0\]\.replicas\.max: must not be below replicas\.min \(4\), got 3$/],
    },
    {
        what: "a stateful server with many pods",
        settings: servers({ sessions: "stateful", replicas: { min: 1, max: 3 } }),
        lines: [/^servers\[0\]\.replicas\.max: must be 1 for a stateful/],
    },
    {
        what: "a mounted server with the name or the prefix of another one",
        settings: servers({ mounts: [{ name: "weather" }, { name: "tides", prefix: "/weather" }] }),
        lines: [
            /^servers\[0\]\.mounts\[0\]\.name: must be given once, got 'weather'/,
            /^servers\[0\]\.mounts\[0\]\.prefix: /,
            /^servers\[0\]\.mounts\[1\]\.prefix: .*got '\/weather'/,
            /^servers\[0\]\.mounts\[1\]\.prefix: /,
        ],
    },
    {
        what: "Brave's search without its key",
        settings: servers({
            source: { build: "images/brave-search" },
            secrets: { BRAVE_API_KEY: "braveApiKey" },
        }),
        lines: [
            /^servers\[0\]\.secrets\.BRAVE_API_KEY: .*run 'npm run secret -- braveApiKey --stack \w+' or 'pulumi config set --secret braveApiKey'$/,
        ],
    },
    {
        what: "a secret that is not set",
        settings: servers({ secrets: { API_KEY: "weatherKey" } }),
        lines: [
            /^servers\[0\]\.secrets\.API_KEY: .*got 'weatherKey'; run 'npm run secret -- weatherKey --stack \w+' or 'pulumi config set --secret weatherKey'$/,
        ],
    },
    {
        what: "a build directory without Dockerfile",
        settings: servers({ source: { build: "components" } }),
        lines: [
            /^servers\[0\]\.source\.build: must hold a Dockerfile, got 'components'; create 'components\/Dockerfile'$/,
        ],
    },
    {
        what: "servers that want two images of one directory",
        settings: {
            ...good,
            servers: [
                { ...weather, source: { build: "images/fetch" } },
                {
                    ...weather,
                    name: "tides",
                    source: { build: "./images/fetch", buildArgs: { VERSION: "2" } },
                },
            ],
        },
        lines: [/^servers\[1\]\.source: must be built as for 'weather', .*'buildArgs'/],
    },
    {
        what: "a build argument and a stage that no Dockerfile can have",
        settings: servers({
            source: { build: "images/fetch", buildArgs: { "A-B": "1" }, target: "a b" },
        }),
        lines: [
            /^servers\[0\]\.source\.buildArgs\.A-B: .*got 'A-B'$/,
            /^servers\[0\]\.source\.target: .*got 'a b'$/,
        ],
    },
    {
        what: "a caller that is no server",
        settings: {
            ...good,
            servers: [
                { ...weather, callers: ["tide"] },
                { ...weather, name: "tides" },
            ],
        },
        lines: [/^servers\[0\]\.callers: .*got 'tide'; did you mean 'tides'\?$/],
    },
    {
        what: "the realm master",
        settings: identity({ realm: "master" }),
        lines: [/^identity\.realm: must not be 'master'/],
    },
    {
        what: "a client of an unknown server",
        settings: identity({ clients: [{ name: "sailor", servers: ["tides"] }] }),
        lines: [/^identity\.clients\[0\]\.servers: .*got 'tides'$/],
    },
    {
        what: "rules for tools of a server without a bridge",
        settings: servers({ tools: { allow: ["get_wind"] } }),
        lines: [/^servers\[0\]\.tools: must be left out for an http server/],
    },
    {
        what: "a misspelt setting of the bridge",
        settings: servers({
            transport: "stdio",
            command: ["weather-mcp"],
            bridge: { sessions: { idleSecond: 5 } },
        }),
        lines: [/^servers\[0\]\.bridge\.sessions\.idleSecond: .*did you mean 'idleSeconds'\?$/],
    },
    {
        what: "a scope for a client that no tool needs",
        settings: identity({
            clients: [{ name: "sailor", servers: ["weather"], scopes: ["wind:read"] }],
        }),
        lines: [/^identity\.clients\[0\]\.scopes: .*\(none\), got 'wind:read'$/],
    },
    {
        what: "a registry with a scheme",
        settings: { ...good, registry: { address: "https://registry.example.org" } },
        lines: [/^registry\.address: .*got 'https:\/\/registry\.example\.org'$/],
    },
    {
        what: "a namespace that is no name",
        settings: { ...good, namespace: "My_Tools" },
        lines: [/^namespace: .*got 'My_Tools'$/],
    },
];

describe("readStackConfig", () => {
    it("returns the arguments of the components", async () => {
        const config = await read(good);
        assert.deepEqual(config.namespace, {
            namespace: "tools",
            create: undefined,
            protect: undefined,
        });
        assert.equal(config.registry.address, "registry.example.org/slipway-test");
        assert.deepEqual(config.gateway.address, { host: "mcp.example.org", port: undefined });
        assert.deepEqual(config.identity.realm, {
            name: "tools",
            create: undefined,
            protect: undefined,
            lifetimes: undefined,
            bruteForce: undefined,
            resourceIndicators: undefined,
        });
        assert.deepEqual(config.servers, [{ ...weather, secrets: {} }]);
    });

    for (const gateway of [
        { kind: "apisix", enterpriseInference: {} },
        { kind: "ingress", flavor: "nginx-inc", pods: { namespace: "edge" } },
    ]) {
        it(`accepts a gateway of kind '${gateway.kind}'`, async () => {
            const tls = { selfSigned: true };
            const settings = { ...good, gateway: { ...gateway, host: "mcp.example.org", tls } };
            const { kind, address } = (await read(settings)).gateway;
            assert.deepEqual([kind, address.host], [gateway.kind, "mcp.example.org"]);
        });
    }

    for (const { what, settings, lines } of refused) {
        it(`refuses ${what}`, async () => {
            const found = await linesOf(settings);
            assert.equal(found.length, lines.length, found.join("\n"));
            lines.forEach((line, index) => assert.match(found[index] ?? "", line));
        });
    }

    it("lists all problems of all kinds at once", async () => {
        const found = await linesOf({
            ...good,
            namespce: "tools",
            gateway: { ...(good["gateway"] as object), hots: "x", host: "a:1" },
            servers: [
                { ...weather, replcas: 1, replicas: { min: 2, max: 1 } },
                { name: "tides", transport: "carrier pigeon" },
                { ...weather, name: "Tides", prefix: "/weather/x" },
            ],
        });
        const paths = found.map((line) => line.slice(0, line.indexOf(": ")));
        assert.deepEqual(paths.sort(), [
            "gateway.host",
            "gateway.hots",
            "namespce",
            "servers[0].replcas",
            "servers[0].replicas.max",
            "servers[1].source",
            "servers[1].transport",
            "servers[2].name",
            "servers[2].prefix",
        ]);
    });

    it("lists the problems of values beside one of another type", async () => {
        const found = await linesOf(
            {
                ...good,
                registry: { address: "https://registry.example.org", username: 7 },
                gateway: { ...(good["gateway"] as object), host: "a:1", kind: "envoy" },
                identity: {
                    issuer: "http://auth.example.org/realms/tools",
                    realm: "tools",
                    createRealm: "yes",
                },
                servers: [
                    {
                        ...weather,
                        port: "eighty",
                        healthPath: "health",
                        replicas: { min: 4, max: 3 },
                        scaling: { cpuPercent: 0, memoryPercent: "high" },
                        secrets: { API_KEY: "weatherKey" },
                        source: { image: "weather:latest" },
                    },
                ],
            },
            { secrets: { weatherKey: "very secret" }, secretKeys: ["slipway:weatherKey"] },
        );
        const paths = found.map((line) => line.slice(0, line.indexOf(": ")));
        assert.deepEqual(paths.sort(), [
            "gateway.host",
            "gateway.kind",
            "identity.createRealm",
            "identity.issuer",
            "registry.address",
            "registry.username",
            "servers[0].healthPath",
            "servers[0].port",
            "servers[0].replicas.max",
            "servers[0].scaling.cpuPercent",
            "servers[0].scaling.memoryPercent",
            "servers[0].source.image",
        ]);
    });

    it("reads further registries to pull from, with their passwords", async () => {
        const pullRegistries = [
            { address: "quay.io", username: "robot", password: "quayPassword" },
        ];
        const settings = { ...good, pullRegistries };
        const { pullRegistries: read_ } = await read(settings, {
            secrets: { quayPassword: "very secret" },
            secretKeys: ["slipway:quayPassword"],
        });
        const [{ address, username, password } = { address: "" }] = read_;
        assert.deepEqual([address, username], ["quay.io", "robot"]);
        assert.equal(await pulumi.isSecret(pulumi.output(password)), true);
        assert.equal(await valueOf(pulumi.output(password)), "very secret");
        assert.match(
            (await linesOf(settings)).join(),
            /^pullRegistries\[0\]\.password: .*run 'npm run secret -- quayPassword --stack \w+' or 'pulumi config set --secret quayPassword'$/,
        );
    });

    it("reads the passwords of users and identity providers, as secrets", async () => {
        const identity = {
            ...(good["identity"] as object),
            users: [{ username: "ada", initialPassword: "adaFirst" }],
            identityProviders: [
                {
                    ...{
                        alias: "corporate",
                        clientId: "keycloak",
                        clientSecret: "corporateSecret",
                    },
                    ...{ issuer: "https://a.example", tokenUrl: "https://a.example/token" },
                    authorizationUrl: "https://a.example/authorize",
                    jwksUrl: "https://a.example/keys",
                },
            ],
        };
        const found = await read(
            { ...good, identity },
            {
                secrets: { adaFirst: "very secret", corporateSecret: "more secret" },
                secretKeys: ["slipway:adaFirst", "slipway:corporateSecret"],
            },
        );
        const [user] = found.identity.users;
        const [provider] = found.identity.identityProviders;
        for (const [value, text] of [
            [user?.initialPassword, "very secret"],
            [provider?.clientSecret, "more secret"],
        ] as const) {
            assert.equal(await pulumi.isSecret(pulumi.output(value)), true);
            assert.equal(await valueOf(pulumi.output(value)), text);
        }
        assert.match(
            (await linesOf({ ...good, identity })).join("\n"),
            /users\[0\]\.initialPassword: .*'adaFirst'.*\n.*\[0\]\.clientSecret: .*'corporateSecret'/,
        );
    });

    it("refuses rows of the access table that name what is not there", async () => {
        const access = [
            { group: "pilots", servers: ["wether"] },
            { client: "x", servers: ["*"] },
        ];
        const identity = { ...(good["identity"] as object), access };
        assert.deepEqual(
            (await linesOf({ ...good, identity })).map((line) => line.split(": ")[0]),
            ["identity.access[0].servers", "identity.access[1].client"],
        );
    });

    it("reads secrets by their key, as secrets", async () => {
        const settings = servers({ secrets: { API_KEY: "weatherKey" } });
        const config = await read(settings, {
            secrets: { weatherKey: "very secret" },
            secretKeys: ["slipway:weatherKey"],
        });
        const key = config.servers[0]?.secrets["API_KEY"];
        assert.ok(key);
        assert.equal(await pulumi.isSecret(key), true);
        assert.equal(await valueOf(key), "very secret");
    });

    describe("with a secret inside of a key", () => {
        const secretServers = (change: Settings, encrypted: string) =>
            [
                servers(change),
                {
                    secretKeys: ["slipway:servers"],
                    file: `config:\n  slipway:servers:\n    - ${encrypted}\n`,
                },
            ] satisfies [Settings, ReadOptions];

        it("keeps a variable secret, and the others as they are", async () => {
            const env = { UNITS: "metric", API_KEY: "very secret" };
            const file = "env: { UNITS: metric, API_KEY: { secure: v1:abc } }";
            const [settings, options] = secretServers({ env }, file);
            const [server] = (await read(settings, options)).servers;
            assert.deepEqual(server?.env, { UNITS: "metric" });
            const key = server?.secrets["API_KEY"];
            assert.ok(key);
            assert.equal(await pulumi.isSecret(key), true);
            assert.equal(await valueOf(key), "very secret");
        });

        it("refuses a secret in any other place, without repeating it", async () => {
            const [settings, options] = secretServers(
                {
                    transport: "stdio",
                    command: ["weather-mcp", "very secret"],
                    port: "very secret",
                },
                "{ command: [weather-mcp, { secure: v1:abc }], port: { secure: v1:def } }",
            );
            const found = await linesOf(settings, options);
            assert.deepEqual(
                found.map((line) => line.slice(0, line.indexOf(": "))),
                ["servers[0].command[1]", "servers[0].port"],
            );
            assert.match(
                found[0] ?? "",
                /got a secret; run 'pulumi config set --plaintext --path "slipway:servers\[0\]\.command\[1\]" VALUE', or .*"slipway:servers\[0\]\.env\.NAME"'$/,
            );
            assert.doesNotMatch(found.join("\n"), /very secret/);
        });

        it("does not repeat a secret variable when its server is refused", async () => {
            const [settings, options] = secretServers(
                { env: { "API-KEY": "very secret" }, port: 80 },
                'env: { "API-KEY": { secure: v1:abc } }',
            );
            const found = await linesOf(settings, options);
            assert.equal(found.length, 2);
            assert.doesNotMatch(found.join("\n"), /very secret/);
        });

        it("refuses a key that is secret as a whole, or whose secrets the file does not show", async () => {
            for (const file of [undefined, "config:\n  slipway:servers: { secure: v1:abc }\n"]) {
                const found = await linesOf(servers({ env: { API_KEY: "very secret" } }), {
                    secretKeys: ["slipway:servers"],
                    file,
                });
                assert.match(found[0] ?? "", /^servers: must not be secret, .*one by one, or pass/);
                assert.doesNotMatch(found.join("\n"), /very secret/);
            }
        });

        it("refuses a secret build argument, which image and state would show", async () => {
            const [settings, options] = secretServers(
                { source: { build: "images/fetch", buildArgs: { TOKEN: "very secret" } } },
                "source: { build: images/fetch, buildArgs: { TOKEN: { secure: v1:abc } } }",
            );
            const found = await linesOf(settings, options);
            assert.match(
                found.join(),
                /^servers\[0\]\.source\.buildArgs\.TOKEN: must not be secret/,
            );
            assert.doesNotMatch(found.join("\n"), /very secret/);
        });

        it("refuses a secret namespace", async () => {
            const found = await linesOf(good, {
                secretKeys: ["slipway:namespace"],
                file: "config: { slipway:namespace: { secure: v1:abc } }",
            });
            assert.match(
                found.join("\n"),
                /^namespace: must not be secret, .*"slipway:namespace" VALUE'/,
            );
            assert.doesNotMatch(found.join("\n"), /tools/);
        });

        it("keeps the name of Keycloak's administrator secret", async () => {
            const { keycloak } = await read(good, {
                environment: {},
                further: { "keycloak:username": "root", "keycloak:password": "very secret" },
                secretKeys: ["keycloak:username", "keycloak:password"],
            });
            assert.equal(await pulumi.isSecret(pulumi.output(keycloak?.username)), true);
        });
    });

    it("accepts a server at the root of a host of its own, beside one with the same prefix", async () => {
        const root = { ...weather, name: "tides", host: "tides.example.org", prefix: "/" };
        const same = { ...weather, name: "wind", host: "wind.example.org", prefix: "/weather" };
        const settings = { ...good, servers: [weather, root, same] };
        const hosts = (await read(settings)).servers.map(({ host }) => host);
        assert.deepEqual(hosts, [undefined, "tides.example.org", "wind.example.org"]);
    });

    it("refuses addresses as hosts behind an Ingress, and a server beside one at the root", async () => {
        const found = await linesOf({
            ...gateway({ host: "192.0.2.7", exposure: { ingressClass: "nginx" } }),
            servers: [weather, { ...weather, name: "tides", host: "192.0.2.7", prefix: "/" }],
        });
        assert.deepEqual(
            found.map((line) => line.slice(0, line.indexOf(": "))),
            ["gateway.host", "servers[1].host", "servers[1].prefix"],
        );
    });

    it("passes on how the gateway is sized, placed and annotated", async () => {
        const change = {
            resources: { limits: { memory: "1Gi" } },
            verifier: { replicas: 3, managers: [{ namespace: "monitoring" }] },
            nodeSelector: { pool: "edge" },
            tolerations: [{ key: "edge", operator: "Exists" }],
            serviceAnnotations: { a: "b" },
        };
        const { gateway: found } = await read(gateway(change));
        for (const [key, value] of Object.entries(change)) {
            assert.deepEqual(found[key as keyof typeof found], value);
        }
        const wrong = gateway({ ...change, replicas: 0, ingressAnnotations: { c: "d" } });
        assert.deepEqual(
            (await linesOf(wrong)).map((line) => line.slice(0, line.indexOf(": "))),
            ["gateway.replicas", "gateway.ingressAnnotations"],
        );
    });

    it("passes on whose tokens are valid, and how their revocation is checked", async () => {
        const change = {
            furtherIssuers: [{ issuer: "https://partner.example.org" }],
            clockSkewSeconds: 30,
            introspection: { cacheSeconds: 60 },
        };
        const config = await read(identity(change));
        assert.partialDeepStrictEqual(config.identity, change);
        const wrong = {
            furtherIssuers: [{ issuer: "partner.example.org" }],
            clockSkewSeconds: -1,
            introspection: { cacheSeconds: 1.5 },
        };
        assert.deepEqual(
            (await linesOf(identity(wrong)))
                .map((line) => line.slice(0, line.indexOf(": ")))
                .sort(),
            [
                "identity.clockSkewSeconds",
                "identity.furtherIssuers[0].issuer",
                "identity.introspection.cacheSeconds",
            ],
        );
    });

    it("passes on how the cluster names and finds its Services", async () => {
        const dns = { clusterDomain: "k8s.example.org", dnsPorts: [53, 5353] };
        const config = await read({ ...identity({ jwksPort: 8443 }), ...dns });
        assert.deepEqual([config.dns, config.identity.jwksPort], [dns, 8443]);
        const wrong = { clusterDomain: "k8s.example.org.", dnsPorts: [0] };
        const found = await linesOf({ ...identity({ jwksPort: 0 }), ...wrong });
        assert.deepEqual(
            found.map((line) => line.slice(0, line.indexOf(": "))),
            ["clusterDomain", "dnsPorts", "identity.jwksPort"],
        );
    });

    describe("with a secret in plain text", () => {
        const plain: { what: string; settings?: Settings; options: ReadOptions; line: RegExp }[] = [
            {
                what: "a variable of a server",
                settings: servers({ secrets: { API_KEY: "weatherKey" } }),
                options: { secrets: { weatherKey: "very secret" } },
                line: /^servers\[0\]\.secrets\.API_KEY: must name a secret, got 'weatherKey', .* plain text; run 'npm run secret -- weatherKey --stack \w+' or 'pulumi config set --secret weatherKey'$/,
            },
            {
                what: "the registry password",
                options: { secrets: { registryPassword: "very secret" } },
                line: /^registryPassword: must be secret, .* plain text; run 'npm run secret -- registryPassword --stack \w+' or 'pulumi config set --secret registryPassword'$/,
            },
            {
                what: "the password of Keycloak's administrator",
                options: { further: { "keycloak:password": "very secret" } },
                line: /^keycloak:password: must be secret, .*; run 'npm run secret -- keycloak:password --stack \w+' or 'pulumi config set --secret keycloak:password'$/,
            },
            {
                what: "the secret of Keycloak's administrator client",
                options: { further: { "keycloak:clientSecret": "very secret" } },
                line: /^keycloak:clientSecret: .*; run 'npm run secret -- keycloak:clientSecret --stack \w+' or 'pulumi config set --secret keycloak:clientSecret'$/,
            },
        ];
        for (const { what, settings = good, options, line } of plain) {
            it(`refuses ${what}, without repeating it, and accepts it as a secret`, async () => {
                const found = await linesOf(settings, options);
                assert.equal(found.length, 1, found.join("\n"));
                assert.match(found[0] ?? "", line);
                assert.doesNotMatch(found.join("\n"), /very secret/);
                const keys = { ...options.further, ...prefixed(options.secrets) };
                await read(settings, { ...options, secretKeys: Object.keys(keys) });
            });
        }
    });

    describe("with the context of its cluster", () => {
        const kubeconfig = (context: string) => `current-context: ${context}\n`;
        const settings = { ...good, context: "prod" };
        let directory: string;

        before(() => {
            directory = mkdtempSync(join(tmpdir(), "slipway-kube-"));
            for (const name of ["prod", "dev"]) {
                writeFileSync(join(directory, name), kubeconfig(name));
            }
            writeFileSync(join(directory, "other"), "contexts: []\n");
        });

        after(() => rmSync(directory, { recursive: true }));

        const inUse: { what: string; file: string; further?: Record<string, string> }[] = [
            { what: "the current context", file: "prod" },
            { what: "the context of the first file that names one", file: "other:prod:dev" },
            {
                what: "the context of the provider's configuration",
                file: "dev",
                further: { "kubernetes:context": "prod" },
            },
            {
                what: "the kubeconfig of the provider's configuration",
                file: "dev",
                further: { "kubernetes:kubeconfig": kubeconfig("prod") },
            },
        ];
        const environmentOf = (file: string) => ({
            ...login,
            KUBECONFIG: file
                .split(":")
                .map((name) => join(directory, name))
                .join(":"),
        });
        for (const { what, file, further } of inUse) {
            it(`accepts ${what}`, async () => {
                await read(settings, { environment: environmentOf(file), further });
            });
        }

        for (const { file, got } of [
            { file: "dev", got: "'dev'" },
            { file: "missing", got: "no current context" },
        ]) {
            it(`refuses another one: ${got}`, async () => {
                const [line, ...others] = await linesOf(settings, {
                    environment: environmentOf(file),
                });
                assert.match(
                    line ?? "",
                    new RegExp(`^context: .* got ${got} in use and 'prod' here; run 'kubectl `),
                );
                assert.deepEqual(others, []);
            });
        }

        it("accepts any context without the key", async () => {
            await read(good, { environment: environmentOf("dev") });
            await read({ ...good, context: "" }, { environment: environmentOf("dev") });
        });
    });

    it("protects namespace and realm unless told otherwise", async () => {
        const { namespace, identity: issuer } = await read({ ...good, protect: false });
        assert.deepEqual([namespace.protect, issuer.realm?.protect], [false, false]);
    });

    it("treats an empty registry password as absent", async () => {
        assert.equal(
            (await read(good, { secrets: { registryPassword: "" } })).registry.password,
            undefined,
        );
        const { password } = (
            await read(good, {
                secrets: { registryPassword: "x" },
                secretKeys: ["slipway:registryPassword"],
            })
        ).registry;
        assert.equal(await pulumi.isSecret(pulumi.output(password)), true);
    });

    it("asks for a Keycloak administrator and says how to set one", async () => {
        const [line, ...others] = await linesOf(good, { environment: {} });
        assert.match(line ?? "", /^identity\.adminUrl: .*set KEYCLOAK_USER and KEYCLOAK_PASSWORD/);
        assert.deepEqual(others, []);
    });

    it("treats empty variables, as unset CI secrets are passed, as absent", async () => {
        const environment = {
            KEYCLOAK_CLIENT_ID: "",
            KEYCLOAK_CLIENT_SECRET: "",
            KEYCLOAK_USER: "",
            KEYCLOAK_PASSWORD: "",
        };
        const login = { "keycloak:username": "root", "keycloak:password": "very secret" };
        const { keycloak } = await read(good, {
            environment,
            further: login,
            secretKeys: ["keycloak:password"],
        });
        assert.deepEqual(
            [keycloak?.clientId, keycloak?.clientSecret, keycloak?.username],
            [undefined, undefined, "root"],
        );
        assert.equal(await valueOf(pulumi.output(keycloak?.password)), "very secret");
        const [line] = await linesOf(good, { environment });
        assert.match(line ?? "", /^identity\.adminUrl: must come with an administrator, got none/);
    });

    it("needs no administrator for a realm that is administered elsewhere", async () => {
        const { keycloak, identity: read_ } = await read(
            identity({ adminUrl: undefined, clients: undefined }),
            { environment: {} },
        );
        assert.deepEqual([keycloak, read_.realm], [undefined, undefined]);
    });

    it("never repeats a password", async () => {
        const found = await linesOf(identity({ adminUrl: "nonsense" }));
        assert.doesNotMatch(found.join("\n"), /hidden/);
    });

    it("accepts a server that is built from a directory", async () => {
        const source = { build: makeSourceDirectory() };
        assert.deepEqual((await read(servers({ source }))).servers[0]?.source, source);
    });
});
