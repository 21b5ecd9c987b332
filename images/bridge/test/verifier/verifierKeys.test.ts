import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Verifier } from "../../src/verifier/verifier.ts";
import { startIssuer } from "../support/issuer.ts";
import { ready, startTestVerifier, verify } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";

/** Asks on a connection of its own. */
async function ask({ port }: Verifier, path: string, authorization = "") {
    const sent = get({ port, path, agent: false, headers: { authorization } });
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return { status: response.statusCode, connection: response.headers.connection };
}

describe("a token verifier that is told to end", () => {
    it("is not ready, and answers whoever still asks, until nobody does", async () => {
        const issuer = await startIssuer();
        const times = { quietTime: 500 };
        const verifier = await startTestVerifier(issuer.jwksUri, undefined, {}, times);
        try {
            await until(() => ready(verifier));
            const authorization = `Bearer ${await issuer.sign()}`;
            await ask(verifier, "/verify/add", authorization);
            const closed = verifier.close();
            assert.equal((await ask(verifier, "/readyz")).status, 503);
            for (let attempt = 0; attempt < 5; attempt += 1) {
                const answer = await ask(verifier, "/verify/add", authorization);
                assert.deepEqual(answer, { status: 204, connection: "close" });
            }
            await closed;
            await assert.rejects(ask(verifier, "/livez"), { code: "ECONNREFUSED" });
        } finally {
            await issuer.stop();
        }
    });
});

describe("the keys of the token verifier", () => {
    for (const algorithm of ["ES256", "PS256"]) {
        it(`may sign with ${algorithm}`, async () => {
            const issuer = await startIssuer(algorithm);
            const verifier = await startTestVerifier(issuer.jwksUri);
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
        const verifier = await startTestVerifier(issuer.jwksUri);
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
        const events: string[] = [];
        const verifier = await startTestVerifier(
            issuer.jwksUri,
            (_, event) => events.push(event),
            {},
            { refreshInterval: 50, coolDown: 0 },
        );
        try {
            await until(() => ready(verifier));
            await issuer.stop();
            await until(() => events.includes("keys not loaded"));
            const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
            assert.equal(status, 204);
            assert.equal(await ready(verifier), true);
            const unknown = await issuer.sign({}, { kid: "unknown" });
            assert.equal((await verify(verifier, `Bearer ${unknown}`)).status, 401);
        } finally {
            await verifier.close();
        }
    });

    it("that were withdrawn or replaced sign for nothing any more, remembered tokens included", async () => {
        for (const sameId of [false, true]) {
            const issuer = await startIssuer();
            const timing = { refreshInterval: 100 };
            const verifier = await startTestVerifier(issuer.jwksUri, undefined, {}, timing);
            try {
                await until(() => ready(verifier));
                const authorization = `Bearer ${await issuer.sign()}`;
                assert.equal((await verify(verifier, authorization)).status, 204);
                await issuer.rotate(sameId);
                const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
                assert.equal(status, sameId ? 401 : 204);
                await until(async () => (await verify(verifier, authorization)).status === 401);
                const later = await verify(verifier, `Bearer ${await issuer.sign()}`);
                assert.equal(later.status, 204);
            } finally {
                await verifier.close();
                await issuer.stop();
            }
        }
    });

    it("outlive an issuer that answers without keys", async () => {
        const issuer = await startIssuer();
        const events: string[] = [];
        const verifier = await startTestVerifier(
            issuer.jwksUri,
            (_, event) => events.push(event),
            {},
            { refreshInterval: 50 },
        );
        try {
            await until(() => ready(verifier));
            issuer.empty = true;
            await until(() => events.includes("keys not loaded"));
            const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
            assert.equal(status, 204);
        } finally {
            await verifier.close();
            await issuer.stop();
        }
    });

    it("of a rotation that many tokens name at once are fetched once, and refuse none of them", async () => {
        const issuer = await startIssuer();
        const verifier = await startTestVerifier(issuer.jwksUri);
        try {
            await until(() => ready(verifier));
            await issuer.rotate();
            const before = issuer.fetches();
            const tokens = await Promise.all(
                Array.from({ length: 20 }, (_, index) => issuer.sign({ jti: String(index) })),
            );
            const answers = await Promise.all(
                tokens.map((token) => verify(verifier, `Bearer ${token}`)),
            );
            assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
            assert.equal(issuer.fetches() - before, 1);
        } finally {
            await verifier.close();
            await issuer.stop();
        }
    });

    it("follow a rotation at once, and unknown ids do not become load", async () => {
        const issuer = await startIssuer();
        const timing = { coolDown: 60_000 };
        const verifier = await startTestVerifier(issuer.jwksUri, undefined, {}, timing);
        try {
            await until(() => ready(verifier));
            await issuer.rotate();
            const { status } = await verify(verifier, `Bearer ${await issuer.sign()}`);
            assert.equal(status, 204);
            const fetches = issuer.fetches();
            for (let attempt = 0; attempt < 20; attempt++) {
                const forged = await issuer.sign({}, { kid: `forged-${attempt}` });
                assert.equal((await verify(verifier, `Bearer ${forged}`)).status, 401);
            }
            assert.equal(issuer.fetches(), fetches);
        } finally {
            await verifier.close();
            await issuer.stop();
        }
    });
});
