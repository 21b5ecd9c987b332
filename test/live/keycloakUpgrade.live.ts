import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

import type { ClientAccess } from "../../components/index.ts";
import { requestToken } from "../../verify/accessToken.ts";
import { openProviderStack, type ProviderStack } from "../providers/providerStack.ts";
import { testRun } from "../testRun/testRun.ts";
import { buildIdentityProgram, resources } from "./identityProgram.ts";
import {
    KeycloakBeside,
    type KeycloakPlace,
    prepareKeycloakPlace,
    versions,
} from "./keycloakBeside.ts";
import { VerifierBeside } from "./verifierBeside.ts";

const realm = "tools";

/** The oldest and the newest version, one after the other at one address and with one database. */
describe(`${versions.oldest.title} that becomes ${versions.newest.title} under calls`, function () {
    this.timeout(300_000);
    let place: KeycloakPlace;
    let keycloak: KeycloakBeside;
    let opened: ProviderStack;
    let verifier: VerifierBeside;

    before(async () => {
        place = await prepareKeycloakPlace();
        keycloak = await KeycloakBeside.start(versions.oldest, [], place);
        opened = await openProviderStack(["keycloak", "kubernetes", "random"], {
            environment: { KUBECONFIG: process.env["KUBECONFIG"] ?? "" },
            official: false,
        });
        const { url, username, password } = keycloak;
        const namespace = `${testRun().name}-upgrade`;
        opened.use(
            buildIdentityProgram({ url, username, password, realm, create: true, namespace }),
        );
        await opened.stack.up();
        const issuer = `${url}/realms/${realm}`;
        verifier = await VerifierBeside.start({
            issuer,
            jwksUri: `${issuer}/protocol/openid-connect/certs`,
            servers: [
                { name: "weather", resource: resources.weather, scopes: ["mcp:weather"] },
                { name: "tides", resource: resources.tides, scopes: ["mcp:tides"] },
            ],
        });
    });

    after(async () => {
        await verifier?.stop();
        try {
            await opened?.stack.destroy();
            await opened?.close();
        } finally {
            await keycloak?.stop();
        }
    });

    const tokenOf = async (client: string): Promise<string> => {
        const { clients, clientSecrets } = await opened.stack.outputs();
        const { tokenEndpoint } = (clients?.value as Record<string, ClientAccess>)[client]!;
        const secret = (clientSecrets?.value as Record<string, string>)[client]!;
        return requestToken(tokenEndpoint as unknown as string, client, secret);
    };

    it("loses no call with a token of before, and lets no other through", async () => {
        const token = await tokenOf("buoy");
        const other = await tokenOf("gauge");
        const [head, claims, signature = ""] = token.split(".");
        const forged = [head, claims, [...signature].reverse().join("")].join(".");
        const calls = startCalls(verifier, [
            { server: "weather", token, status: 204 },
            { server: "weather", token: other, status: 401 },
            { server: "weather", token: forged, status: 401 },
        ]);
        await keycloak.stop();
        const down = calls.made();
        keycloak = await KeycloakBeside.start(versions.newest, [], place);
        const up = calls.made();
        await delay(1000);
        const wrong = await calls.stop();
        assert.ok(up - down > 100, `${up - down} calls without Keycloak`);
        assert.deepEqual(wrong, []);
    });

    it("issues tokens for the same clients and secrets, which are accepted", async () => {
        assert.equal(await verifier.verify("weather", await tokenOf("buoy")), 204);
        assert.equal(await verifier.verify("tides", await tokenOf("gauge")), 204);
    });

    it("has the realm as it was deployed", async () => {
        await opened.stack.refresh({ expectNoChanges: true });
        await opened.stack.up({ expectNoChanges: true });
    });
});

interface Call {
    server: string;
    token: string;
    /** What must come back. */
    status: number;
}

/** Makes these calls in turn until it is stopped, which gives those that were answered otherwise. */
function startCalls(verifier: VerifierBeside, calls: Call[]) {
    const wrong: string[] = [];
    let made = 0;
    let stopped = false;
    const run = async () => {
        while (!stopped) {
            for (const { server, token, status } of calls) {
                const got = await verifier.verify(server, token).catch(String);
                made += 1;
                if (got !== status) wrong.push(`${got} instead of ${status}`);
            }
            await delay(50);
        }
    };
    const running = run();
    return {
        made: () => made,
        stop: async () => {
            stopped = true;
            await running;
            return wrong;
        },
    };
}
