import { decodeJwt, type JWTPayload } from "jose";
import assert from "node:assert/strict";

import type { ClientAccess } from "../../components/index.ts";
import { rotateClient } from "../../local/rotation.ts";
import { requestToken } from "../../verify/accessToken.ts";
import { openProviderStack, type ProviderStack } from "../providers/providerStack.ts";
import { testRun } from "../testRun/testRun.ts";
import { type CodeLogin, logIn } from "./codeLogin.ts";
import { buildIdentityProgram, redirectUri, resources } from "./identityProgram.ts";
import { KeycloakBeside, versions } from "./keycloakBeside.ts";

const realm = "tools";
const password = "a password of a test";

const cases = [
    { download: versions.oldest, features: [] },
    { download: versions.platform, features: [] },
    { download: versions.newest, features: ["resource-indicators"] },
];

/** Not a part of `npm test`: each version takes about a minute. `npm test -- test/live/keycloakVersions.live.ts` */
for (const { download, features } of cases) {
    const withFeatures = features.map((feature) => ` with ${feature}`).join("");
    describe(`an identity in ${download.title}${withFeatures}`, function () {
        this.timeout(300_000);
        let keycloak: KeycloakBeside;
        let opened: ProviderStack;
        let issuer = "";
        const resourceIndicators = features.includes("resource-indicators");

        before(async () => {
            keycloak = await KeycloakBeside.start(download, features);
            opened = await openProviderStack(["keycloak", "kubernetes", "random"], {
                environment: { KUBECONFIG: process.env["KUBECONFIG"] ?? "" },
                official: false,
            });
            const { url, username } = keycloak;
            issuer = `${url}/realms/${realm}`;
            const place = { url, username, password: keycloak.password, realm, create: true };
            const namespace = `${testRun().name}-keycloak`;
            opened.use(buildIdentityProgram({ ...place, resourceIndicators, namespace }));
        });

        after(async () => {
            try {
                await opened.stack.destroy();
                await opened.close();
            } finally {
                await keycloak.stop();
            }
        });

        const outputs = async () => {
            const { clients, clientSecrets } = await opened.stack.outputs();
            return {
                clients: clients?.value as Record<string, ClientAccess>,
                secrets: clientSecrets?.value as Record<string, string>,
            };
        };

        const tokenOf = async (client: string, secret?: string): Promise<JWTPayload> => {
            const { clients, secrets } = await outputs();
            const endpoint = clients[client]!.tokenEndpoint as unknown as string;
            return decodeJwt(await requestToken(endpoint, client, secret ?? secrets[client]!));
        };

        const logInAs = async (username: string, more: Partial<CodeLogin> = {}) => {
            const scope = "mcp:weather wind:read mcp:tides";
            const client = { issuer, clientId: "mcp", redirectUri, username, password, scope };
            const { access_token: token, ...answer } = await logIn({ ...client, ...more });
            assert.ok(typeof token === "string", JSON.stringify(answer));
            return decodeJwt(token);
        };

        it("is created, and then neither changes nor drifts", async () => {
            await opened.stack.up();
            await opened.stack.refresh({ expectNoChanges: true });
            await opened.stack.up({ expectNoChanges: true });
        });

        it("gives machine clients the audience and the scopes of their servers alone", async () => {
            const buoy = await tokenOf("buoy");
            assert.deepEqual(buoy.iss, issuer);
            assert.deepEqual(audiences(buoy), [resources.weather, "slipway-token-verifier"]);
            assert.deepEqual(scopesOf(buoy), ["mcp:weather", "wind:read"]);
            assert.ok(buoy.sub, "a token needs 'sub'");
            const gauge = await tokenOf("gauge");
            assert.deepEqual(
                [audiences(gauge), scopesOf(gauge)],
                [[resources.tides], ["mcp:tides"]],
            );
        });

        it("gives people what the access table says, whatever their program asks for", async () => {
            const admin = await keycloak.connect();
            for (const user of await admin.users.find({ realm })) {
                const credential = { type: "password", value: password, temporary: false };
                await admin.users.resetPassword({ realm, id: user.id!, credential });
                await admin.users.update({ realm, id: user.id! }, { requiredActions: [] });
            }
            const granted = async (username: string) => {
                const token = await logInAs(username);
                return [audiences(token).filter((one) => one.startsWith("https")), scopesOf(token)];
            };
            assert.deepEqual(
                [await granted("grace"), await granted("ada"), await granted("eve")],
                [
                    [[resources.weather], ["mcp:weather", "wind:read"]],
                    [[resources.tides], ["mcp:tides"]],
                    [[], []],
                ],
            );
        });

        it("issues a token for the resource that a program names", async () => {
            const scope = "mcp:weather";
            const token = await logInAs("grace", { scope, resource: resources.weather });
            assert.ok(audiences(token).includes(resources.weather), JSON.stringify(token));
        });

        it("refuses the former password of a rotated client, and takes the new one", async () => {
            const former = (await outputs()).secrets["buoy"]!;
            await rotateClient(opened.stack, "buoy");
            assert.notEqual((await outputs()).secrets["buoy"], former);
            await assert.rejects(tokenOf("buoy", former), /401|unauthorized_client|invalid_client/);
            assert.deepEqual(scopesOf(await tokenOf("buoy")), ["mcp:weather", "wind:read"]);
        });

        it("is removed with its realm", async () => {
            await opened.stack.destroy();
            const admin = await keycloak.connect();
            const left = (await admin.realms.find()).map((one) => one.realm);
            assert.deepEqual(left, ["master"]);
        });
    });
}

function audiences({ aud = [] }: JWTPayload): string[] {
    return [aud].flat().sort();
}

/** The scopes of servers and tools, without those that Keycloak adds. */
function scopesOf({ scope }: JWTPayload): string[] {
    const scopes = typeof scope === "string" ? scope.split(" ") : [];
    return scopes.filter((one) => one.includes(":")).sort();
}
