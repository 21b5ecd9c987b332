import assert from "node:assert/strict";
import { mock } from "node:test";
import { generateKeyPair, UnsecuredJWT } from "jose";
import type { Verifier } from "../../src/verifier/verifier.ts";
import { flipSpareBit } from "../support/flipSpareBit.ts";
import { issuerName, resource, startIssuer, type Issuer } from "../support/issuer.ts";
import { ready, servers, startTestVerifier, verify } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";

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
            "a token of an issuer whose clock is ahead",
            () => issuer.sign({ iat: now() + 60 }),
            "the claim 'iat' is not accepted",
        ],
        [
            "a signature with spare bits",
            async () => flipSpareBit(await issuer.sign()),
            "the token is not accepted",
        ],
        [
            "a payload with spare bits",
            async () => {
                const parts = (await issuer.sign()).split(".");
                return [parts[0], `${parts[1]}==`, parts[2]].join(".");
            },
            "the token is not accepted",
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
        mock.timers.enable({ apis: ["Date"], now: Date.now() });
        try {
            const end = now() + 60;
            const authorization = `Bearer ${await issuer.sign({ exp: end })}`;
            // Ten seconds of tolerance belong to its time.
            for (const [seconds, expected] of [
                [-60, 204],
                [9, 204],
                [10, 401],
            ] as const) {
                mock.timers.setTime((end + seconds) * 1000);
                const { status } = await verify(verifier, authorization);
                assert.equal(status, expected, String(seconds));
            }
        } finally {
            mock.timers.reset();
        }
    });

    it("accepts tokens as long as a header may be, beside a path as long, and refuses longer ones", async () => {
        const sign = (length: number) => issuer.sign({ roles: "r".repeat(length) });
        for (const [length, expected] of [
            [23_000, 204],
            [25_000, 401],
        ] as const) {
            const token = await sign(length);
            const response = await fetch(`http://127.0.0.1:${verifier.port}/verify/add`, {
                headers: {
                    authorization: `Bearer ${token}`,
                    "x-original-uri": `/${"p".repeat(31_000)}`,
                },
            });
            assert.equal(response.status, expected, `${token.length} characters`);
        }
    });

    it("tells gateways how long an answer may be remembered: seconds, and no longer than the token", async () => {
        const ends = [300, -8].map((seconds) => issuer.sign({ exp: now() + seconds }));
        const kept = [];
        for (const token of await Promise.all(ends)) {
            const { headers } = await verify(verifier, `Bearer ${token}`);
            kept.push(Number(headers.get("x-accel-expires")));
        }
        assert.equal(kept[0], 5);
        assert.ok(kept[1]! <= 2, String(kept[1]));
        assert.equal((await verify(verifier, "Bearer x")).headers.get("x-accel-expires"), null);
    });

    it("writes one line of the log for each decision, with the caller or the reason", async () => {
        const verified = () => log.filter((entry) => (entry as unknown[])[1] === "verified");
        const before = verified().length;
        await verify(verifier, `Bearer ${await issuer.sign()}`);
        await verify(verifier, "Bearer x");
        await verify(verifier);
        const fields = verified()
            .slice(before)
            .map((entry) => (entry as unknown[])[2]);
        assert.partialDeepStrictEqual(fields, [
            { server: "add", outcome: "granted", subject: "user-1", client: "agent" },
            { server: "add", outcome: "invalid_token", reason: "the token is not accepted" },
            { server: "add", outcome: "no_token" },
        ]);
        assert.equal(fields.length, 3);
    });

    it("counts every answer by server and outcome for Prometheus", async () => {
        const url = `http://127.0.0.1:${verifier.managementPort}/metrics`;
        const read = async (line: RegExp) =>
            Number(line.exec(await (await fetch(url)).text())?.[1] ?? 0);
        const granted = /^slipway_verifications_total\{server="other",outcome="granted"\} (\d+)$/m;
        const before = await read(granted);
        const token = await issuer.sign({ aud: servers[1]?.resource ?? "", scope: "mcp:other" });
        await verify(verifier, `Bearer ${token}`, "other");
        assert.equal((await read(granted)) - before, 1);
        assert.ok((await read(/^slipway_verification_duration_seconds_count (\d+)$/m)) > 0);
        assert.ok((await read(/^slipway_remembered_tokens (\d+)$/m)) > 0);
        assert.equal(await read(/^slipway_issuer_keys_loaded\{issuer=".*"\} (\d)$/m), 1);
        const missing = await fetch(`http://127.0.0.1:${verifier.port}/metrics`);
        assert.equal(missing.status, 404, "not for clients of the gateway");
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
