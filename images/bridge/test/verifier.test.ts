import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { generateKeyPair, UnsecuredJWT } from "jose";
import type { Verifier } from "../src/verifier/verifier.ts";
import { issuerName, resource, startIssuer, type Issuer } from "./support/issuer.ts";
import { ready, servers, startTestVerifier, verify } from "./support/startTestVerifier.ts";
import { until } from "./support/until.ts";

const metadata =
    'resource_metadata="https://mcp.example.org/.well-known/oauth-protected-resource/add/mcp"';
const now = (): number => Math.floor(Date.now() / 1000);

describe("the token verifier", () => {
    let issuer: Issuer;
    let verifier: Verifier;
    const log: unknown[] = [];
    before(async () => {
        issuer = await startIssuer();
        verifier = await startTestVerifier(issuer.jwksUri, (...entry) => log.push(entry));
        await until(() => ready(verifier));
    });
    after(async () => {
        await verifier.close();
        await issuer.stop();
    });

    it("says who calls", async () => {
        const { status, headers } = await verify(verifier, `Bearer ${await issuer.sign()}`);
        assert.equal(status, 204);
        assert.deepEqual(
            ["subject", "client", "scopes"].map((name) => headers.get(`x-auth-${name}`)),
            ["user-1", "agent", "profile mcp:add"],
        );
    });

    it("encodes names that no header can carry", async () => {
        const token = await issuer.sign({ sub: "žofie\r\nX-Admin: 1" });
        const { status, headers } = await verify(verifier, `Bearer ${token}`);
        assert.equal(status, 204);
        assert.equal(headers.get("x-auth-subject"), "%C5%BEofie%0D%0AX-Admin: 1");
        assert.equal(headers.get("x-admin"), null);
    });

    it("never makes one name of two", async () => {
        const subjects = ["žofie", "%C5%BEofie", "50%"];
        const names = [];
        for (const sub of subjects) {
            const token = await issuer.sign({ sub });
            const { headers } = await verify(verifier, `Bearer ${token}`);
            names.push(headers.get("x-auth-subject"));
        }
        assert.deepEqual(names, ["%C5%BEofie", "%25C5%25BEofie", "50%25"]);
    });

    it("takes a client that acts for itself as the subject when the token names none", async () => {
        const token = await issuer.sign({ sub: undefined });
        const { headers } = await verify(verifier, `bearer ${token}`);
        assert.equal(headers.get("x-auth-subject"), "agent");
    });

    it("challenges a request without a token, without an error", async () => {
        for (const authorization of [undefined, "Basic dTpw", "Bearer", "Bearer a b"]) {
            const { status, headers } = await verify(verifier, authorization);
            assert.equal(status, 401);
            const challenge = `Bearer ${metadata}, scope="mcp:add"`;
            assert.equal(headers.get("www-authenticate"), challenge);
        }
    });

    const bad: [string, () => Promise<string>, string][] = [
        ["garbage", () => Promise.resolve("garbage"), "the token is not accepted"],
        ["an expired token", () => issuer.sign({ exp: now() - 60 }), "the token has expired"],
        [
            "a token without an end",
            () => issuer.sign({ exp: undefined }),
            "the claim 'exp' is not accepted",
        ],
        [
            "a token of tomorrow",
            () => issuer.sign({ nbf: now() + 3600 }),
            "the claim 'nbf' is not accepted",
        ],
        [
            "a token of another realm",
            () => issuer.sign({ iss: "https://id.example.org/realms/x" }),
            "the claim 'iss' is not accepted",
        ],
        [
            "a token for another server",
            () => issuer.sign({ aud: servers[1]?.resource ?? "" }),
            "the token is for another audience",
        ],
        ["an ID token", () => issuer.sign({ typ: "ID" }), "the token is not accepted"],
        [
            "another kind of token",
            () => issuer.sign({}, { typ: "logout+jwt" }),
            "the token is not accepted",
        ],
        [
            "a signature of another key",
            async () => issuer.sign({}, {}, (await generateKeyPair("RS256")).privateKey),
            "the signature is wrong",
        ],
        [
            "an unsigned token",
            () =>
                Promise.resolve(
                    new UnsecuredJWT({ aud: resource, iss: issuerName, scope: "mcp:add" })
                        .setExpirationTime("1h")
                        .encode(),
                ),
            "the token is not accepted",
        ],
        [
            "a shared secret's signature",
            async () => {
                const { SignJWT } = await import("jose");
                return await new SignJWT({ aud: resource, iss: issuerName, scope: "mcp:add" })
                    .setProtectedHeader({ alg: "HS256", kid: "key-0" })
                    .setExpirationTime("1h")
                    .sign(new TextEncoder().encode("secret".repeat(10)));
            },
            "the token is not accepted",
        ],
        [
            "a changed payload",
            async () => {
                const [head, , signature] = (await issuer.sign()).split(".");
                const claims = {
                    aud: resource,
                    iss: issuerName,
                    exp: now() + 999,
                    scope: "mcp:add",
                };
                const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
                return [head, body, signature].join(".");
            },
            "the signature is wrong",
        ],
    ];
    for (const [what, sign, reason] of bad) {
        it(`refuses ${what}`, async () => {
            const { status, headers } = await verify(verifier, `Bearer ${await sign()}`);
            assert.equal(status, 401);
            assert.equal(
                headers.get("www-authenticate"),
                `Bearer error="invalid_token", error_description="${reason}", ${metadata}, scope="mcp:add"`,
            );
        });
    }

    it("refuses a token without the scope with 403 and names the scope", async () => {
        const token = await issuer.sign({ scope: "profile mcp:additional" });
        const { status, headers } = await verify(verifier, `Bearer ${token}`);
        assert.equal(status, 403);
        assert.equal(
            headers.get("www-authenticate"),
            `Bearer error="insufficient_scope", error_description="the token lacks a scope", ${metadata}, scope="mcp:add"`,
        );
    });

    it("remembers a token no longer than it lasts", async () => {
        // Ten seconds of tolerance are over in one.
        const authorization = `Bearer ${await issuer.sign({ exp: now() - 9 })}`;
        assert.equal((await verify(verifier, authorization)).status, 204);
        await delay(2000);
        assert.equal((await verify(verifier, authorization)).status, 401);
    });

    it("serves the document of each server to anyone, also in a browser", async () => {
        const url = `http://127.0.0.1:${verifier.port}/metadata/add`;
        const response = await fetch(url);
        assert.equal(response.headers.get("access-control-allow-origin"), "*");
        assert.deepEqual(await response.json(), {
            resource,
            authorization_servers: [issuerName],
            scopes_supported: ["mcp:add"],
            bearer_methods_supported: ["header"],
            resource_name: "add",
        });
    });

    it("knows no other server", async () => {
        const token = await issuer.sign();
        for (const name of ["addx", "", "__proto__", "add/more"]) {
            const { status } = await verify(verifier, `Bearer ${token}`, name);
            assert.equal(status, 404);
            const document = await fetch(`http://127.0.0.1:${verifier.port}/metadata/${name}`);
            assert.equal(document.status, 404);
        }
    });

    it("writes no token into its log", async () => {
        const token = await issuer.sign({ exp: 1 });
        await verify(verifier, `Bearer ${token}`);
        const text = JSON.stringify(log);
        assert.ok(text.includes("the token has expired"));
        assert.equal(text.includes(token.slice(0, 20)), false);
    });
});
