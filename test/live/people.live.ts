import { decodeJwt } from "jose";
import assert from "node:assert/strict";

import type { Probe } from "../../verify/outputs.ts";
import { programs } from "./loginProgram.ts";
import type { LoginProgram } from "./loginProgram.ts";
import { LoginProvider } from "./loginProvider.ts";
import { Person } from "./person.ts";
import { testStack } from "./testStack.ts";

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
                const refreshed = program.sent.slice(before);
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
                assert.equal(program.sent[before]?.status, 403);
                assert.equal(provider.authorizations.length, 2);
                assert.match(String(provider.tokens()?.scope), /web:fetch/);
                assert.equal(program.sent.at(-1)?.status, 200);
            });
        });
    }
});
