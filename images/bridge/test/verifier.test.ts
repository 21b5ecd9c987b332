import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { generateKeyPair, UnsecuredJWT } from "jose";
import type { Log } from "../src/log.ts";
import { startVerifier, type Verifier } from "../src/verifier/verifier.ts";
import { issuerName, resource, startIssuer, type Issuer } from "./support/issuer.ts";
import { until } from "./support/until.ts";

const servers = [
    { name: "add", resource, scopes: ["mcp:add"] },
    { name: "other", resource: "https://mcp.example.org/other/mcp", scopes: ["mcp:other"] },
];
const metadata =
    'resource_metadata="https://mcp.example.org/.well-known/oauth-protected-resource/add/mcp"';
const now = (): number => Math.floor(Date.now() / 1000);

function start(jwksUri: string, log: Log = () => undefined) {
    const config = { issuer: issuerName, jwksUri, servers };
    return startVerifier(config, 0, log, { coolDown: 500, refreshInterval: 60_000 });
}

async function verify({ port }: Verifier, authorization?: string, name = "add") {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`http://127.0.0.1:${port}/verify/${name}`, { headers });
    return { status: response.status, headers: response.headers };
}

const ready = async ({ port }: Verifier): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;

describe("the token verifier", () => {
    let issuer: Issuer;
    let verifier: Verifier;
    const log: unknown[] = [];
    before(async () => {
        issuer = await startIssuer();
        verifier = await start(issuer.jwksUri, (...entry) => log.push(entry));
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
        const url = `http://127.0.0.1:${verifier.port}/.well-known/oauth-protected-resource/add/mcp`;
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

describe("the keys of the token verifier", () => {
    for (const algorithm of ["ES256", "PS256"]) {
        it(`may sign with ${algorithm}`, async () => {
            const issuer = await startIssuer(algorithm);
            const verifier = await start(issuer.jwksUri);
            try {
                await until(() => ready(verifier));
                const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
                assert.equal(status, 204);
            } finally {
                await verifier.close();
                await issuer.stop();
            }
        });
    }

    it("are waited for: not ready and 503 until the issuer is up", async () => {
        const issuer = await startIssuer("RS256", false);
        const verifier = await start(issuer.jwksUri);
        try {
            const authorization = `Bearer ${await issuer.sign()}`;
            assert.equal(await ready(verifier), false);
            assert.equal((await verify(verifier, authorization)).status, 503);
            await issuer.start();
            await until(() => ready(verifier));
            assert.equal((await verify(verifier, authorization)).status, 204);
        } finally {
            await verifier.close();
            await issuer.stop();
        }
    });

    it("outlive the issuer", async () => {
        const issuer = await startIssuer();
        const verifier = await start(issuer.jwksUri);
        try {
            await until(() => ready(verifier));
            await issuer.stop();
            await delay(600);
            const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
            assert.equal(status, 204);
            assert.equal(await ready(verifier), true);
            const unknown = await issuer.sign({}, { kid: "unknown" });
            assert.equal((await verify(verifier, `Bearer ${unknown}`)).status, 401);
        } finally {
            await verifier.close();
        }
    });

    it("follow a rotation at once, and unknown ids do not become load", async () => {
        const issuer = await startIssuer();
        const verifier = await start(issuer.jwksUri);
        try {
            await until(() => ready(verifier));
            await issuer.rotate();
            await delay(600);
            const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
            assert.equal(status, 204);
            const fetches = issuer.fetches();
            for (let attempt = 0; attempt < 20; attempt++) {
                const forged = await issuer.sign({}, { kid: `forged-${attempt}` });
                assert.equal((await verify(verifier, `Bearer ${forged}`)).status, 401);
            }
            assert.ok(issuer.fetches() - fetches <= 1);
        } finally {
            await verifier.close();
            await issuer.stop();
        }
    });
});
