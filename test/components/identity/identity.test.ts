import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { IdentityArgs } from "../../../components/identity/args.ts";
import { Identity } from "../../../components/identity/identity.ts";
import { InteractiveProgram } from "../../../components/identity/interactiveAccess.ts";
import {
    inventory,
    kindOf,
    only,
    recordResources,
    valueOf,
} from "../../support/recordResources.ts";

const args: IdentityArgs = {
    issuer: "https://auth.example.org/realms/tools",
    realm: { name: "tools" },
    namespace: "tools",
    servers: {
        weather: { resource: "https://mcp.example.org/weather/mcp", scopes: ["mcp:weather"] },
        tides: { resource: "https://mcp.example.org/tides/mcp", scopes: ["mcp:tides"] },
    },
    clients: [{ name: "sailor", servers: ["weather"] }],
};

function deploy(more: Partial<IdentityArgs> = {}) {
    return recordResources(() => new Identity("login", { ...args, ...more }));
}

describe("Identity", () => {
    it("has Keycloak tell the verifier of logouts where tokens must end with them", async () => {
        const interactive = { redirects: [InteractiveProgram.claude], revokeOnLogout: true };
        let identity!: Identity;
        const recording = await recordResources(() => {
            identity = new Identity("login", { ...args, interactive });
        });
        const name = identity.logoutServiceName;
        assert.match(name ?? "", /^logout-/);
        const { inputs } = only(recording, "Client", "login-interactive-client");
        assert.deepEqual(
            [inputs.backchannelLogoutUrl, inputs.backchannelLogoutSessionRequired],
            [`http://${name}.tools.svc/backchannel-logout`, true],
        );
    });

    it("leaves tokens to their end by default", async () => {
        const recording = await deploy({ interactive: { redirects: [InteractiveProgram.claude] } });
        const { inputs } = only(recording, "Client", "login-interactive-client");
        assert.equal("backchannelLogoutUrl" in inputs, false);
    });

    it("creates exactly these resources", async () => {
        assert.deepEqual(inventory(await deploy()), [
            "Identity login",
            "Identity login / AudienceProtocolMapper login-tides-audience-mcp-tides",
            "Identity login / AudienceProtocolMapper login-weather-audience-mcp-weather",
            "Identity login / ClientScope login-tides-scope-mcp-tides",
            "Identity login / ClientScope login-weather-scope-mcp-weather",
            "Identity login / MachineClient login-sailor",
            "Identity login / MachineClient login-sailor / Client login-sailor-client",
            "Identity login / MachineClient login-sailor / ClientDefaultScopes login-sailor-default-scopes",
            "Identity login / MachineClient login-sailor / ClientOptionalScopes login-sailor-optional-scopes",
            "Identity login / MachineClient login-sailor / RandomPassword login-sailor-password",
            "Identity login / MachineClient login-sailor / Secret login-sailor-credentials",
            "Identity login / Realm login-realm",
            "Identity login / RealmClientRegistrationPolicy login-registration-closed",
        ]);
    });

    it("can be created twice in one program", async () => {
        const recording = await recordResources(() => [
            new Identity("login", args),
            new Identity("other", { ...args, realm: { name: "tools", create: false } }),
        ]);
        const names = recording.map((resource) => `${kindOf(resource)} ${resource.name}`);
        assert.equal(new Set(names).size, 24);
    });

    for (const { what, realm, opts, expected } of [
        { what: "by default", realm: {}, opts: {}, expected: true },
        { what: "with 'protect: false'", realm: { protect: false }, opts: {}, expected: false },
        {
            what: "with that option of Pulumi",
            realm: {},
            opts: { protect: false },
            expected: false,
        },
    ]) {
        it(`${expected ? "protects" : "does not protect"} its realm ${what}`, async () => {
            const changed = { ...args, realm: { name: "tools", ...realm } };
            const recording = await recordResources(() => new Identity("login", changed, opts));
            assert.equal(only(recording, "Realm").protect, expected);
        });
    }

    it("uses an existing realm with 'create: false'", async () => {
        const recording = await deploy({ realm: { name: "tools", create: false } });
        assert.equal(
            recording.some((resource) => kindOf(resource) === "Realm"),
            false,
        );
        assert.equal(only(recording, "Client").inputs.realmId, "tools");
    });

    it("creates nothing for an issuer that is administered elsewhere", async () => {
        const recording = await deploy({ realm: undefined, clients: [] });
        assert.deepEqual(inventory(recording), ["Identity login"]);
    });

    it("maps each scope to the audience of its server alone", async () => {
        const recording = await deploy();
        const { inputs } = only(
            recording,
            "AudienceProtocolMapper",
            "login-weather-audience-mcp-weather",
        );
        assert.equal(inputs.includedCustomAudience, "https://mcp.example.org/weather/mcp");
        assert.equal(inputs.clientScopeId, "login-weather-scope-mcp-weather-id");
        assert.deepEqual([inputs.addToAccessToken, inputs.addToIdToken], [true, false]);
    });

    it("creates a tool scope once, without audience, and grants it to the clients that list it", async () => {
        const servers = {
            weather: { ...args.servers["weather"]!, toolScopes: ["sea:read"] },
            tides: { ...args.servers["tides"]!, toolScopes: ["sea:read"] },
        };
        const clients = [
            { name: "sailor", servers: ["weather"], scopes: ["sea:read"] },
            { name: "farmer", servers: ["weather"] },
        ];
        const recording = await deploy({ servers, clients });
        const { inputs } = only(recording, "ClientScope", "login-tool-scope-sea-read");
        assert.deepEqual([inputs.name, inputs.includeInTokenScope], ["sea:read", true]);
        assert.equal(
            recording.filter((resource) => kindOf(resource) === "AudienceProtocolMapper").length,
            2,
        );
        const scopesOf = (client: string) =>
            only(recording, "ClientDefaultScopes", `login-${client}-default-scopes`).inputs
                .defaultScopes;
        assert.deepEqual(scopesOf("sailor"), ["basic", "mcp:weather", "sea:read"]);
        assert.deepEqual(scopesOf("farmer"), ["basic", "mcp:weather"]);
    });

    it("grants a client the scopes of its servers and no personal data", async () => {
        const recording = await deploy();
        assert.deepEqual(only(recording, "ClientDefaultScopes").inputs.defaultScopes, [
            "basic",
            "mcp:weather",
        ]);
        assert.deepEqual(only(recording, "ClientOptionalScopes").inputs.optionalScopes, []);
    });

    it("allows clients the client credentials grant only", async () => {
        const { inputs } = only(await deploy(), "Client");
        assert.deepEqual(
            [
                inputs.accessType,
                inputs.serviceAccountsEnabled,
                inputs.standardFlowEnabled,
                inputs.implicitFlowEnabled,
                inputs.directAccessGrantsEnabled,
                inputs.fullScopeAllowed,
            ],
            ["CONFIDENTIAL", true, false, false, false, false],
        );
    });

    it("stores the same password in Keycloak and in the Secret", async () => {
        const recording = await deploy();
        const password = "password of login-sailor-password";
        assert.equal(only(recording, "Client").inputs.clientSecret, password);
        assert.deepEqual(only(recording, "Secret").inputs.stringData, {
            client_id: "sailor",
            client_secret: password,
            token_endpoint: "https://auth.example.org/realms/tools/protocol/openid-connect/token",
            issuer: args.issuer,
        });
    });

    it("creates no client for people by default", async () => {
        await recordResources(() => {
            assert.equal(new Identity("login", args).interactiveClientId, undefined);
        });
    });

    it("creates one public client for people, which may ask for the scopes of all servers", async () => {
        const servers = {
            weather: { ...args.servers["weather"]!, toolScopes: ["sea:read"] },
            tides: { ...args.servers["tides"]!, toolScopes: ["sea:read", "sea:write"] },
        };
        const recording = await deploy({
            servers,
            clients: [],
            interactive: { redirects: ["inspector", "cursor"], redirectUris: ["app:/done"] },
        });
        const { inputs } = only(recording, "Client", "login-interactive-client");
        assert.deepEqual(inputs, {
            realmId: "tools",
            clientId: "mcp",
            name: "MCP",
            accessType: "PUBLIC",
            standardFlowEnabled: true,
            implicitFlowEnabled: false,
            directAccessGrantsEnabled: false,
            serviceAccountsEnabled: false,
            fullScopeAllowed: false,
            pkceCodeChallengeMethod: "S256",
            consentRequired: true,
            validRedirectUris: [
                "app:/done",
                "cursor://anysphere.cursor-mcp/oauth/callback",
                "http://localhost/callback",
                "http://localhost:6274/oauth/callback",
                "https://www.cursor.com/agents/mcp/oauth/callback",
            ],
            webOrigins: ["http://localhost:6274"],
        });
        assert.deepEqual(only(recording, "ClientDefaultScopes").inputs.defaultScopes, ["basic"]);
        assert.deepEqual(only(recording, "ClientOptionalScopes").inputs.optionalScopes, [
            "offline_access",
            "mcp:weather",
            "mcp:tides",
            "sea:read",
            "sea:write",
        ]);
    });

    it("restricts people to the listed servers", async () => {
        const interactive = { redirects: [InteractiveProgram.claude], servers: ["tides"] };
        const recording = await deploy({ clients: [], interactive });
        const { optionalScopes } = only(recording, "ClientOptionalScopes").inputs;
        assert.deepEqual(optionalScopes, ["offline_access", "mcp:tides"]);
    });

    it("returns the token endpoint of a client, and its password as a secret", async () => {
        await recordResources(async () => {
            const identity = new Identity("login", args);
            const { secretName, tokenEndpoint, ...sailor } = identity.clients["sailor"]!;
            assert.equal(
                await valueOf(tokenEndpoint),
                "https://auth.example.org/realms/tools/protocol/openid-connect/token",
            );
            assert.deepEqual(sailor, {
                clientId: "sailor",
                servers: ["weather"],
                scopes: [],
            });
            assert.equal(await valueOf(secretName), "login-sailor-credentials-slipway-test");
            assert.equal(await pulumi.isSecret(identity.clientSecrets), true);
            assert.deepEqual(await valueOf(identity.clientSecrets), {
                sailor: "password of login-sailor-password",
            });
        });
    });

    it("reads keys from 'jwksUri', by default from the issuer", async () => {
        await recordResources(async () => {
            const jwksUri = "https://keycloak.keycloak:8443/certs";
            const given = new Identity("a", { ...args, jwksUri, jwksPort: 8444 });
            const known = pulumi.all([given.jwksUri, given.jwksPort]);
            assert.deepEqual(await valueOf(known), [jwksUri, 8444]);
            const { jwksUri: usual } = new Identity("b", args);
            const expected = "https://auth.example.org/realms/tools/protocol/openid-connect/certs";
            assert.equal(await valueOf(usual), expected);
        });
    });

    it("creates a client for introspection when a server checks revocation, as an audience of its tokens only", async () => {
        const servers = {
            ...args.servers,
            weather: { ...args.servers["weather"]!, checkRevocation: true },
        };
        const recording = await recordResources(async () => {
            const { introspection, clients } = new Identity("login", { ...args, servers });
            assert.deepEqual(await valueOf(pulumi.output(introspection)), {
                endpoint:
                    "https://auth.example.org/realms/tools/protocol/openid-connect/token/introspect",
                secretName: "login-introspection-credentials-slipway-test",
                cacheSeconds: 10,
            });
            assert.deepEqual(Object.keys(clients), ["sailor"]);
        });
        const further = inventory(recording).filter((line) => line.includes("introspection"));
        assert.deepEqual(further, [
            "Identity login / AudienceProtocolMapper login-weather-introspection-mcp-weather",
            "Identity login / MachineClient login-introspection",
            "Identity login / MachineClient login-introspection / Client login-introspection-client",
            "Identity login / MachineClient login-introspection / ClientDefaultScopes login-introspection-default-scopes",
            "Identity login / MachineClient login-introspection / ClientOptionalScopes login-introspection-optional-scopes",
            "Identity login / MachineClient login-introspection / RandomPassword login-introspection-password",
            "Identity login / MachineClient login-introspection / Secret login-introspection-credentials",
        ]);
        const mapper = only(
            recording,
            "AudienceProtocolMapper",
            "login-weather-introspection-mcp-weather",
        );
        assert.equal(mapper.inputs.includedClientAudience, "slipway-token-verifier");
    });

    it("introspects with a given client, and creates none then", async () => {
        const recording = await recordResources(async () => {
            const { introspection } = new Identity("login", {
                ...args,
                servers: { weather: { ...args.servers["weather"]!, checkRevocation: true } },
                introspection: { secretName: "own", endpoint: "https://i", cacheSeconds: 0 },
            });
            assert.deepEqual(await valueOf(pulumi.output(introspection)), {
                endpoint: "https://i",
                secretName: "own",
                cacheSeconds: 0,
            });
        });
        assert.deepEqual(
            inventory(recording).filter((line) => line.includes("introspection")),
            [],
        );
    });
});
