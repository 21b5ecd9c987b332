import assert from "node:assert/strict";
import type { JWTPayload } from "jose";
import type { Verifier } from "../../src/verifier/verifier.ts";
import { startIssuer, type Issuer } from "../support/issuer.ts";
import { startIntrospection, type FakeIntrospection } from "../support/startIntrospection.ts";
import { ready, servers, startTestVerifier, verify } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";

const [add, other] = servers as [(typeof servers)[0], (typeof servers)[0]];
const event = "http://schemas.openid.net/event/backchannel-logout";

describe("revocation, at a server that asks for it", () => {
    let issuer: Issuer;
    let introspection: FakeIntrospection;
    let verifier: Verifier;
    before(async () => {
        issuer = await startIssuer();
        introspection = await startIntrospection();
        const { endpoint, credentials } = introspection;
        verifier = await startTestVerifier(issuer.jwksUri, undefined, {
            introspection: { endpoint, credentials, cacheSeconds: 1 },
            servers: [{ ...add, checkRevocation: true }, other],
        });
        await until(() => ready(verifier));
    });
    after(async () => {
        await verifier.close();
        introspection.stop();
        await issuer.stop();
    });

    it("is asked of the issuer with the verifier's own credentials, once for many requests", async () => {
        const token = await issuer.sign();
        const before = introspection.asked.length;
        const answers = await Promise.all([1, 2, 3].map(() => verify(verifier, `Bearer ${token}`)));
        assert.deepEqual(
            answers.map(({ status, headers }) => [status, headers.get("x-accel-expires")]),
            [1, 2, 3].map(() => [204, "0"]),
        );
        assert.deepEqual(introspection.asked.slice(before), ["verifier:s%3A1"]);
    });

    it("is noticed when the answer is older than the configured time", async () => {
        const token = await issuer.sign({ jti: "revoked" });
        assert.equal((await verify(verifier, `Bearer ${token}`)).status, 204);
        introspection.revoked.add(token);
        await until(async () => (await verify(verifier, `Bearer ${token}`)).status === 401);
        const { headers } = await verify(verifier, `Bearer ${token}`);
        assert.match(headers.get("www-authenticate") ?? "", /the token was revoked/);
    });

    it("refuses with 503 while the issuer does not answer, and never accepts meanwhile", async () => {
        introspection.status = 500;
        const token = await issuer.sign({ jti: "unknown" });
        assert.equal((await verify(verifier, `Bearer ${token}`)).status, 503);
        introspection.status = 200;
        assert.equal((await verify(verifier, `Bearer ${token}`)).status, 204);
    });

    it("is not asked of a token that is refused anyway, nor for other servers", async () => {
        const before = introspection.asked.length;
        const lacking = await issuer.sign({ scope: "profile" });
        assert.equal((await verify(verifier, `Bearer ${lacking}`)).status, 403);
        const elsewhere = await issuer.sign({ aud: other.resource, scope: "mcp:other" });
        assert.equal((await verify(verifier, `Bearer ${elsewhere}`, "other")).status, 204);
        assert.equal(introspection.asked.length, before);
    });

    it("refuses tokens of an issuer that cannot be asked", async () => {
        const alone = await startTestVerifier(issuer.jwksUri, undefined, {
            servers: [{ ...add, checkRevocation: true }],
        });
        try {
            await until(() => ready(alone));
            assert.equal((await verify(alone, `Bearer ${await issuer.sign()}`)).status, 401);
        } finally {
            await alone.close();
        }
    });
});

describe("back-channel logout", () => {
    let issuer: Issuer;
    let verifier: Verifier;
    before(async () => {
        issuer = await startIssuer();
        verifier = await startTestVerifier(issuer.jwksUri);
        await until(() => ready(verifier));
    });
    after(async () => {
        await verifier.close();
        await issuer.stop();
    });

    const logoutToken = (claims: JWTPayload, header = {}) =>
        issuer.sign(
            {
                ...{ aud: "agent", typ: "Logout", sub: undefined, events: { [event]: {} } },
                ...claims,
            },
            { typ: "logout+jwt", ...header },
        );

    async function logOut(token: string): Promise<number> {
        const body = new URLSearchParams({ logout_token: token });
        const url = `http://127.0.0.1:${verifier.managementPort}/backchannel-logout`;
        return (await fetch(url, { method: "POST", body })).status;
    }

    const statusOf = async (token: string) => (await verify(verifier, `Bearer ${token}`)).status;

    it("ends the session it names, whose token was remembered, and no other", async () => {
        const [ended, going] = [await issuer.sign({ sid: "s1" }), await issuer.sign({ sid: "s2" })];
        assert.deepEqual([await statusOf(ended), await statusOf(going)], [204, 204]);
        assert.equal(await logOut(await logoutToken({ sid: "s1" })), 200);
        assert.deepEqual([await statusOf(ended), await statusOf(going)], [401, 204]);
        assert.equal(await statusOf(await issuer.sign({ sid: "s1", jti: "new" })), 401);
    });

    it("ends all sessions of a subject that began before, and none that begins later", async () => {
        const before = await issuer.sign({ sub: "user-2" });
        assert.equal(await statusOf(before), 204);
        assert.equal(await logOut(await logoutToken({ sub: "user-2" })), 200);
        assert.equal(await statusOf(before), 401);
        // As tokens say it in whole seconds, the next one is the first that is later; clocks may differ by as much.
        const iat = Math.floor(Date.now() / 1000) + 1;
        assert.equal(await statusOf(await issuer.sign({ sub: "user-2", iat })), 204);
    });

    const bad: [string, () => Promise<string> | string][] = [
        ["an access token", () => issuer.sign({ sid: "s2" })],
        ["a token without the event", () => logoutToken({ sid: "s2", events: {} })],
        ["a token with a nonce", () => logoutToken({ sid: "s2", nonce: "n" })],
        ["a token that names nobody", () => logoutToken({})],
        ["another issuer's token", () => logoutToken({ sid: "s2", iss: "https://x.example.org" })],
        ["an expired token", () => logoutToken({ sid: "s2", exp: 1 })],
        ["a token with a forged key", () => logoutToken({ sid: "s2" }, { kid: "forged" })],
        ["nothing", () => ""],
    ];
    for (const [what, make] of bad) {
        it(`takes no notice of ${what}`, async () => {
            assert.equal(await logOut(await make()), 400);
            assert.equal(await statusOf(await issuer.sign({ sid: "s2" })), 204);
        });
    }

    it("has no effect through the port of gateways", async () => {
        const url = `http://127.0.0.1:${verifier.port}/backchannel-logout`;
        assert.equal((await fetch(url, { method: "POST" })).status, 404);
    });
});
