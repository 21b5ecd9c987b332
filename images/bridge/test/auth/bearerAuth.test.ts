import assert from "node:assert/strict";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { isRefusal, type AuthRefusal } from "../../src/auth/authenticator.ts";
import { openBearerAuth, type BearerAuth } from "../../src/auth/bearerAuth.ts";
import type { Principal } from "../../src/auth/principal.ts";
import { flipSpareBit } from "../support/flipSpareBit.ts";
import { issuerName, resource, startIssuer, type Issuer } from "../support/issuer.ts";
import { requestOn, requestWith } from "../support/request.ts";
import { until } from "../support/until.ts";

const metadata =
    'resource_metadata="https://mcp.example.org/.well-known/oauth-protected-resource/add/mcp"';
const now = (): number => Math.floor(Date.now() / 1000);
const args = {
    issuer: issuerName,
    audience: resource,
    scopes: ["mcp:add"],
    path: "/mcp",
    server: "add",
};
const silent = (): void => undefined;

/** What became of a request with this header. */
async function ask(auth: BearerAuth, authorization?: string): Promise<Principal | AuthRefusal> {
    const headers = authorization === undefined ? [] : ["Authorization", authorization];
    return await auth.authenticate(requestWith("Host", "localhost", ...headers));
}

async function askRefused(auth: BearerAuth, authorization?: string): Promise<AuthRefusal> {
    const answer = await ask(auth, authorization);
    assert.ok(isRefusal(answer), JSON.stringify(answer));
    return answer;
}

describe("bearer authentication", () => {
    let issuer: Issuer;
    let auth: BearerAuth;
    before(async () => {
        issuer = await startIssuer();
        auth = await openBearerAuth({ ...args, jwksUri: issuer.jwksUri }, silent);
        await until(() => auth.ready);
    });
    after(async () => {
        auth.close();
        await issuer.stop();
    });

    it("says who calls", async () => {
        assert.deepEqual(await ask(auth, `Bearer ${await issuer.sign()}`), {
            subject: "user-1",
            client: "agent",
            scopes: ["profile", "mcp:add"],
        });
    });

    it("answers at once, with the same object, for a token it knows", async () => {
        const request = requestWith(
            "authorization",
            `Bearer ${await issuer.sign({ jti: "known" })}`,
        );
        const first = auth.authenticate(request);
        assert.ok(first instanceof Promise);
        const principal = await first;
        assert.equal(auth.authenticate(request), principal);
        assert.ok(Object.isFrozen(principal));
    });

    it("tells callers apart who take turns on one connection, and forgets none that went wrong", async () => {
        const socket = {};
        const header = async (subject: string) => `Bearer ${await issuer.sign({ sub: subject })}`;
        const [alice, bob] = [await header("alice"), await header("bob")];
        const subjects: unknown[] = [];
        for (const value of [alice, alice, bob, bob, alice, `${alice}x`, bob]) {
            const answer = await auth.authenticate(requestOn(socket, "Authorization", value));
            subjects.push(isRefusal(answer) ? answer.status : answer.subject);
        }
        assert.deepEqual(subjects, ["alice", "alice", "bob", "bob", "alice", 401, "bob"]);
        assert.ok(isRefusal(await auth.authenticate(requestOn(socket, "Host", "localhost"))));
    });

    it("takes the scheme in any case and with more spaces, as the same token", async () => {
        const token = await issuer.sign();
        const principal = await ask(auth, `Bearer ${token}`);
        for (const header of [`bearer ${token}`, `BEARER   ${token}`]) {
            assert.equal(auth.authenticate(requestWith("Authorization", header)), principal);
        }
    });

    it("checks a token once for all who bring it at the same time", async () => {
        const request = requestWith(
            "authorization",
            `Bearer ${await issuer.sign({ jti: "together" })}`,
        );
        const first = auth.authenticate(request);
        assert.ok(first instanceof Promise);
        assert.equal(auth.authenticate(request), first);
        assert.equal(isRefusal(await first), false);
    });

    it("takes the client for the subject of a token that names none", async () => {
        const token = await issuer.sign({ sub: undefined });
        assert.equal(((await ask(auth, `Bearer ${token}`)) as Principal).subject, "agent");
    });

    it("reads scopes from 'scp' too, as text or list", async () => {
        for (const scp of ["mcp:add other", ["mcp:add", "other"]]) {
            const token = await issuer.sign({ scope: undefined, scp });
            const { scopes } = (await ask(auth, `Bearer ${token}`)) as Principal;
            assert.deepEqual(scopes, ["mcp:add", "other"]);
        }
    });

    it("challenges a request without credentials, without an error", async () => {
        for (const authorization of [undefined, "", "Basic dTpw", "Bearer", "Bearer a b"]) {
            const { status, headers, error } = await askRefused(auth, authorization);
            assert.deepEqual([status, error], [401, undefined], authorization);
            assert.equal(headers["www-authenticate"], `Bearer ${metadata}, scope="mcp:add"`);
        }
    });

    it("refuses several authorization headers, even when the first is good", async () => {
        const token = await issuer.sign();
        await ask(auth, `Bearer ${token}`);
        const request = requestWith(
            "Authorization",
            `Bearer ${token}`,
            "authorization",
            "Bearer x",
        );
        const answer = auth.authenticate(request) as AuthRefusal;
        assert.deepEqual([answer.status, answer.error], [400, "invalid_request"]);
        assert.match(answer.headers["www-authenticate"] ?? "", /error="invalid_request"/);
    });

    const bad: [string, () => Promise<string>, string][] = [
        ["garbage", () => Promise.resolve("garbage"), "the token is not accepted"],
        ["an expired token", () => issuer.sign({ exp: now() - 60 }), "the token has expired"],
        ["no end", () => issuer.sign({ exp: undefined }), "the claim 'exp' is not accepted"],
        ["no audience", () => issuer.sign({ aud: undefined }), "the claim 'aud' is not accepted"],
        ["the future", () => issuer.sign({ nbf: now() + 900 }), "the claim 'nbf' is not accepted"],
        [
            "another issuer",
            () => issuer.sign({ iss: `${issuerName}/` }),
            "the claim 'iss' is not accepted",
        ],
        [
            "another audience",
            () => issuer.sign({ aud: `${resource}/` }),
            "the token is for another audience",
        ],
        ["an ID token", () => issuer.sign({ typ: "ID" }), "the token is not accepted"],
        [
            "another kind of token",
            () => issuer.sign({}, { typ: "logout+jwt" }),
            "the token is not accepted",
        ],
        [
            "nobody",
            () => issuer.sign({ sub: "", azp: undefined }),
            "the token names neither subject nor client",
        ],
        [
            "half a character",
            () => issuer.sign({ sub: "user\ud800" }),
            "the token's names are not Unicode text",
        ],
        [
            "another key",
            async () => issuer.sign({}, {}, (await generateKeyPair("RS256")).privateKey),
            "the signature is wrong",
        ],
        [
            "no signature",
            () =>
                Promise.resolve(
                    new UnsecuredJWT({ aud: resource, iss: issuerName, sub: "admin" })
                        .setExpirationTime("1h")
                        .encode(),
                ),
            "the token is not accepted",
        ],
        [
            "a shared secret",
            () =>
                new SignJWT({ aud: resource, iss: issuerName, sub: "admin" })
                    .setProtectedHeader({ alg: "HS256", kid: "key-0" })
                    .setExpirationTime("1h")
                    .sign(new TextEncoder().encode("secret".repeat(10))),
            "the token is not accepted",
        ],
        // Each would be remembered as another token, and one could fill the memory.
        [
            "a signature with spare bits",
            async () => flipSpareBit(await issuer.sign()),
            "the token is not accepted",
        ],
        [
            "a payload with padding",
            async () => (await issuer.sign()).replace(/\.(?=[^.]*$)/, "==."),
            "the token is not accepted",
        ],
        [
            "a token that is bound to a client certificate",
            () => issuer.sign({ cnf: { "x5t#S256": "A".repeat(43) } }),
            "the token is bound to another client certificate",
        ],
        [
            "a token that is bound to a key of DPoP",
            () => issuer.sign({ cnf: { jkt: "A".repeat(43) } }),
            "the token is bound to a key that cannot be proven here",
        ],
        [
            "a token that is bound to both",
            () => issuer.sign({ cnf: { "x5t#S256": "A".repeat(43), jkt: "A".repeat(43) } }),
            "the token is bound to a key that cannot be proven here",
        ],
        [
            "a token whose binding cannot be read",
            () => issuer.sign({ cnf: null }),
            "the token is bound to a key that cannot be proven here",
        ],
        [
            "a token longer than any",
            () => Promise.resolve("x".repeat(8193)),
            "the token must not be longer than 8192 characters",
        ],
    ];
    for (const [what, sign, reason] of bad) {
        it(`refuses ${what}`, async () => {
            const token = await sign();
            const { status, headers, error, message } = await askRefused(auth, `Bearer ${token}`);
            assert.deepEqual([status, error, message], [401, "invalid_token", reason]);
            const challenge = `Bearer error="invalid_token", error_description="${reason}", ${metadata}, scope="mcp:add"`;
            assert.equal(headers["www-authenticate"], challenge);
        });
    }

    it("refuses a token without a scope with 403 and names all scopes", async () => {
        const token = await issuer.sign({ scope: "profile mcp:additional" });
        const { status, headers, error } = await askRefused(auth, `Bearer ${token}`);
        assert.deepEqual([status, error], [403, "insufficient_scope"]);
        assert.match(headers["www-authenticate"] ?? "", /insufficient_scope.*scope="mcp:add"/);
    });

    it("asks for the scopes of a call and of the endpoint when a call needs more", () => {
        const { status, headers } = auth.stepUp(["mcp:write", "mcp:add"]);
        assert.equal(status, 403);
        assert.equal(
            headers["www-authenticate"],
            `Bearer error="insufficient_scope", error_description="the call needs further scopes", ${metadata}, scope="mcp:add mcp:write"`,
        );
    });

    it("refuses a token it knew as soon as it ends", async () => {
        // Ten seconds of tolerance are over within two.
        const authorization = `Bearer ${await issuer.sign({ exp: now() - 8 })}`;
        const request = requestWith("Authorization", authorization);
        assert.equal(isRefusal(await auth.authenticate(request)), false);
        // Again on the same connection, which is known to have brought it.
        await until(async () => isRefusal(await auth.authenticate(request)));
        assert.equal((await askRefused(auth, authorization)).message, "the token has expired");
    });

    it("has the issuer and its least scopes in a document of three places", () => {
        const { paths, document, headers } = auth.metadata;
        const start = "/.well-known/oauth-protected-resource";
        assert.deepEqual([...paths], [start, `${start}/mcp`, `${start}/add/mcp`]);
        assert.equal(headers["access-control-allow-origin"], "*");
        assert.deepEqual(document, {
            resource,
            authorization_servers: [issuerName],
            scopes_supported: ["mcp:add"],
            bearer_methods_supported: ["header"],
            resource_name: "add",
        });
    });

    it("sees what Node's server makes of a request", async () => {
        const answers: unknown[] = [];
        const server = createServer((request, response) => {
            void Promise.resolve(auth.authenticate(request)).then((answer) => {
                answers.push("status" in answer ? answer.status : answer.subject);
                response.end();
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        const good = `Bearer ${await issuer.sign()}`;
        for (const values of [[good], [good, good], ["Bearer x", good]]) {
            const headers = values.flatMap((value) => ["Authorization", value]);
            await new Promise((resolve, reject) => {
                send({ port, host: "127.0.0.1", headers: ["Host", "localhost", ...headers] })
                    .once("response", (response) => response.resume().once("end", resolve))
                    .once("error", reject)
                    .end();
            });
        }
        server.close();
        assert.deepEqual(answers, ["user-1", 400, 400]);
    });
});
