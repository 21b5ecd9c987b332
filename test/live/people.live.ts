import { decodeJwt } from "jose";
import assert from "node:assert/strict";

import type { Probe } from "../../verify/outputs.ts";
import { machineProviders, programs } from "./loginProgram.ts";
import type { LoginProgram } from "./loginProgram.ts";
import { LoginProvider } from "./loginProvider.ts";
import { Person } from "./person.ts";
import { openRemoteProgram } from "./remoteProgram.ts";
import { testStack } from "./testStack.ts";

const isPost = ({ method }: { method: string }) => method === "POST";

describe("a person with a program that knows the URL of a server", function () {
    this.timeout(120_000);
    let person: Person;
    let endpoints: Record<string, string>;
    let issuer: string;
    let clientId: string;
    let probe: Probe;

    before(async function () {
        this.timeout(900_000);
        const { outputs, name } = await testStack();
        endpoints = outputs.endpoints;
        clientId = outputs.interactiveClientId!;
        probe = outputs.probes["fetch"]!;
        const { tokenEndpoint } = Object.values(outputs.clients)[0]!;
        issuer = tokenEndpoint.replace(/\/protocol\/.*$/, "");
        person = new Person(name);
        await person.arrive(outputs.caCertificates ?? "");
    });

    after(() => person.leave());

    for (const [sdk, open] of Object.entries(programs)) {
        describe(`with ${sdk}`, () => {
            let provider: LoginProvider;
            let program: LoginProgram;

            const start = async (server: string) => {
                await person.forget();
                provider = await LoginProvider.open(person, { client: { client_id: clientId } });
                program = open(endpoints[server]!, provider, () => provider.takeAnswer());
                await program.connect();
            };

            afterEach(async () => {
                await program.close();
                provider.close();
            });

            it("discovers Keycloak, logs in, calls a tool, and refreshes its token", async () => {
                await start("add-numbers");
                const url = endpoints["add-numbers"]!;
                const { origin, pathname } = new URL(url);
                const wellKnown = (base: string, document: string, path: string) =>
                    `GET ${base}/.well-known/${document}${path} 200`;
                const { origin: keycloak, pathname: realm } = new URL(issuer);
                const sent = program.sent.map((one) => `${one.method} ${one.url} ${one.status}`);
                assert.deepEqual(sent.slice(0, 4), [
                    `POST ${url} 401`,
                    wellKnown(origin, "oauth-protected-resource", pathname),
                    wellKnown(keycloak, "oauth-authorization-server", realm),
                    `POST ${issuer}/protocol/openid-connect/token 200`,
                ]);
                const [asked] = provider.authorizations;
                assert.equal(asked?.searchParams.get("code_challenge_method"), "S256");
                assert.equal(asked?.searchParams.get("resource"), url);
                assert.equal(program.sent[3]?.form.get("resource"), url);
                assert.match(asked?.searchParams.get("scope") ?? "", /^mcp:add-numbers( |$)/);

                const claims = decodeJwt(provider.tokens()!.access_token);
                assert.deepEqual(
                    [claims.iss, claims.aud, claims.sub, claims["azp"]],
                    [issuer, url, person.subject, clientId],
                );
                assert.equal(await program.call("add_numbers", { a: 19, b: 23 }), "42");

                provider.spoilAccessToken();
                const before = program.sent.length;
                assert.equal(await program.call("add_numbers", { a: 40, b: 2 }), "42");
                // The program's stream of a session may be answered in between.
                const refreshed = program.sent.slice(before).filter(isPost);
                assert.deepEqual(
                    refreshed.map(({ status, form }) => [status, form.get("grant_type")]),
                    [
                        [401, null],
                        [200, "refresh_token"],
                        [200, null],
                    ],
                );
                assert.equal(provider.authorizations.length, 1);
            });

            it("steps up to the scope of a tool", async () => {
                await start("fetch");
                assert.match(String(provider.tokens()?.scope), /mcp:fetch/);
                assert.doesNotMatch(String(provider.tokens()?.scope), /web:fetch/);
                // SDK v1 refreshes whenever it can, which cannot add a scope.
                if (sdk === "SDK v1") provider.loseRefreshToken();
                const before = program.sent.length;
                const { args, expect } = probe;
                assert.ok((await program.call("fetch", args)).includes(expect));
                const since = program.sent.slice(before).filter(({ method }) => method === "POST");
                assert.equal(since[0]?.status, 403);
                assert.equal(provider.authorizations.length, 2);
                assert.match(String(provider.tokens()?.scope), /web:fetch/);
                assert.equal(since.at(-1)?.status, 200);
            });
        });
    }

    it("logs in from a program that knows stdio only, by mcp-remote", async () => {
        const { outputs } = await testStack();
        const certificates = outputs.caCertificates ?? "";
        const remote = await openRemoteProgram(endpoints["add-numbers"]!, clientId, certificates);
        try {
            const url = await remote.authorization;
            await person.authorize(url, url.searchParams.get("redirect_uri")!);
            await remote.connected;
            const result = await remote.client.callTool({
                name: "add_numbers",
                arguments: { a: 19, b: 23 },
            });
            assert.match(JSON.stringify(result.content), /42/);
        } finally {
            await remote.client.close();
        }
    });

    it("is sent back by Keycloak to the programs of the client alone", async () => {
        const parameters = new URLSearchParams({
            client_id: clientId,
            response_type: "code",
            scope: "mcp:add-numbers",
            code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            code_challenge_method: "S256",
        });
        const ask = async (redirectUri: string, changes: Record<string, string> = {}) => {
            const query = new URLSearchParams(parameters);
            for (const [name, value] of Object.entries({ redirect_uri: redirectUri, ...changes }))
                query.set(name, value);
            const url = `${issuer}/protocol/openid-connect/auth?${query.toString()}`;
            const { status, headers } = await fetch(url, { redirect: "manual" });
            return `${status} ${/error=\w+/.exec(headers.get("location") ?? "")?.[0] ?? ""}`.trim();
        };
        for (const uri of accepted) assert.equal(await ask(uri), "200", uri);
        for (const uri of refused) assert.equal(await ask(uri), "400", uri);
        const [uri = ""] = accepted;
        assert.equal(
            await ask(uri, { code_challenge_method: "plain" }),
            "302 error=invalid_request",
        );
        assert.equal(await ask(uri, { code_challenge: "" }), "302 error=invalid_request");
        assert.equal(await ask(uri, { scope: "profile" }), "302 error=invalid_scope");
        assert.match(await ask(uri, { response_type: "token" }), /^302 error=unauthorized_client/);
    });
});

/** Where the programs of the dev stack receive the answer; those of this machine choose a port when they start. */
const accepted = [
    "https://claude.ai/api/mcp/auth_callback",
    "http://localhost:49152/callback",
    "http://127.0.0.1:33418/",
    "http://127.0.0.1:49152/",
    "https://vscode.dev/redirect",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "http://localhost:6274/oauth/callback",
    "http://127.0.0.1:1455/callback/qZ3kfO8b5xQ1",
];

const refused = [
    "https://claude.ai/api/mcp/auth_callback/",
    "https://claude.ai.example.org/api/mcp/auth_callback",
    "https://claude.ai@example.org/api/mcp/auth_callback",
    "http://claude.ai/api/mcp/auth_callback",
    "http://localhost.example.org:49152/callback",
    "http://localhost:49152/callback/../other",
    "http://localhost:49152/other",
    "cursor://other/oauth/callback",
    "https://example.org/callback",
];

describe("a program that calls servers on its own behalf", function () {
    this.timeout(60_000);

    for (const [sdk, open] of Object.entries(programs)) {
        it(`finds Keycloak by the URL of a server and gets a token with its secret, with ${sdk}`, async () => {
            const { outputs } = await testStack();
            const provider = machineProviders[sdk]!({
                clientId: "agent",
                clientSecret: outputs.clientSecrets["agent"]!,
            });
            const program = open(
                outputs.endpoints["fetch"]!,
                provider,
                () => new URLSearchParams(),
            );
            await program.connect();
            const { args, expect } = outputs.probes["fetch"]!;
            assert.ok((await program.call("fetch", args)).includes(expect));
            await program.close();
        });
    }
});
