import { decodeJwt, decodeProtectedHeader } from "jose";
import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { eventually } from "./cluster.ts";
import { startLightLoad } from "./lightLoad.ts";
import { addNumbers, bearer, post } from "./post.ts";
import { RealmKeys } from "./realmKeys.ts";
import { testStack } from "./testStack.ts";
import type { TestStack } from "./testStack.ts";

const listTools = { method: "tools/list", params: {} };
/** Pods of the verifier, each of which may answer. */
const attempts = 6;

describe("tokens of an issuer that changes", function () {
    this.timeout(600_000);
    let stack: TestStack;
    let admin: KeycloakAdminClient;
    let keys: RealmKeys;
    let url: string;

    before(async () => {
        stack = await testStack();
        admin = await connectAdmin();
        keys = new RealmKeys(admin, stack.name);
        url = stack.outputs.endpoints["add-numbers"]!;
    });

    after(() => keys.removeAll());

    const statusOf = async (token: string, server = url, message: object = addNumbers) =>
        (await post(server, message, bearer(token))).status;

    /** Statuses of several calls: each pod of the verifier answers some of them. */
    async function statusesOf(token: string): Promise<number[]> {
        const statuses = new Set<number>();
        for (let call = 0; call < attempts; call += 1) statuses.add(await statusOf(token));
        return [...statuses];
    }

    const refused = (token: string) =>
        eventually("refusal by every pod", 40, async () =>
            (await statusesOf(token)).every((status) => status === 401),
        );

    it("are accepted with a new key at once, and lose no call of an old one", async () => {
        const old = await stack.token("agent");
        const load = startLightLoad(url, old);
        await load.answered(10);
        await keys.rotate();
        const renewed = await stack.token("agent");
        assert.notEqual(decodeProtectedHeader(renewed).kid, decodeProtectedHeader(old).kid);
        assert.deepEqual(await statusesOf(renewed), [200]);
        await load.answered(60);
        assert.deepEqual((await load.stop()).failures, []);
        assert.deepEqual(await statusesOf(old), [200]);
    });

    it("are refused when their key was withdrawn, or their issuer's clock is wrong", async () => {
        const withdrawn = await keys.rotate();
        const before = await stack.token("agent");
        await eventually("the key to be known", 40, async () =>
            (await statusesOf(before)).every((status) => status === 200),
        );
        await keys.remove(withdrawn);
        const sign = await keys.addKnown();
        const { iss, aud, scope, azp, sub, typ } = decodeJwt(before);
        const at = (shift: number) => {
            const iat = Math.floor(Date.now() / 1000) + shift;
            const jti = randomBytes(8).toString("hex");
            return sign({ ...{ iss, aud, scope, azp, sub, typ, jti }, iat, exp: iat + 300 });
        };
        // A pod fetches keys when it is asked for the next one: each of these tokens asks one of the pods.
        await eventually("refusal with the withdrawn key by every pod", 60, async () => {
            for (let call = 0; call < attempts; call += 1) await statusOf(await at(0));
            return (await statusesOf(before)).every((status) => status === 401);
        });
        assert.deepEqual(await statusesOf(await at(0)), [200]);
        for (const shift of [3600, 30, -320, -3600]) {
            assert.deepEqual(await statusesOf(await at(shift)), [401], `${shift} s`);
        }
        for (const shift of [5, -302]) {
            assert.equal(await statusOf(await at(shift)), 200, `${shift} s`);
        }
    });

    it("are refused after their revocation where the server asks for it, and only there", async () => {
        await keys.removeAll();
        const checking = stack.outputs.endpoints["probe-server"]!;
        const token = await stack.token("agent");
        await eventually("the key to be known", 40, async () =>
            (await statusesOf(token)).every((status) => status === 200),
        );
        assert.equal(await statusOf(token, checking, listTools), 200);
        const { tokenEndpoint, clientId } = stack.outputs.clients["agent"]!;
        const secret = stack.outputs.clientSecrets["agent"]!;
        const answer = await fetch(tokenEndpoint.replace(/token$/, "revoke"), {
            method: "POST",
            body: new URLSearchParams({ token, client_id: clientId, client_secret: secret }),
        });
        assert.equal(answer.status, 200);
        await eventually("refusal of the revoked token", 30, async () => {
            const statuses = new Set<number>();
            for (let call = 0; call < attempts; call += 1) {
                statuses.add(await statusOf(token, checking, listTools));
            }
            return [...statuses].join() === "401";
        });
        assert.equal(await statusOf(token), 200);
    });

    it("are refused by every pod of the verifier after their user has logged out", async () => {
        const { token, logOut, remove } = await logIn(stack, admin);
        try {
            assert.deepEqual(await statusesOf(token), [200]);
            await logOut();
            await refused(token);
        } finally {
            await remove();
        }
    });
});

/** Logs a user in, at a client for tests that tells of logouts where the stack's own does. */
async function logIn({ name: realm, outputs }: TestStack, admin: KeycloakAdminClient) {
    const [own] = await admin.clients.find({ realm, clientId: outputs.interactiveClientId! });
    const { "backchannel.logout.url": logoutUrl = "" } = own!.attributes as Record<string, string>;
    assert.match(logoutUrl, /^http:/, "the stack must tell Keycloak where logouts go");
    const [clientId, username] = ["live-test-logout", "live-test-user"];
    const [secret, password] = [randomBytes(16), randomBytes(16)].map((all) => all.toString("hex"));
    const client = await admin.clients.create({
        realm,
        clientId,
        secret: secret!,
        directAccessGrantsEnabled: true,
        standardFlowEnabled: false,
        defaultClientScopes: ["basic", "mcp:add-numbers"],
        attributes: {
            "backchannel.logout.url": logoutUrl,
            "backchannel.logout.session.required": "true",
        },
    });
    const user = await admin.users.create({
        realm,
        username,
        enabled: true,
        ...{ firstName: "Live", lastName: "Test", email: "live@example.org", emailVerified: true },
        credentials: [{ type: "password", value: password!, temporary: false }],
    });
    const { tokenEndpoint } = Object.values(outputs.clients)[0]!;
    const answer = await fetch(tokenEndpoint, {
        method: "POST",
        body: new URLSearchParams({
            ...{ grant_type: "password", client_id: clientId, client_secret: secret! },
            ...{ username, password: password!, scope: "openid" },
        }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    assert.equal(answer.status, 200);
    return {
        token,
        logOut: () => admin.users.logout({ realm, id: user.id }),
        remove: async () => {
            await admin.users.del({ realm, id: user.id });
            await admin.clients.del({ realm, id: client.id });
        },
    };
}
