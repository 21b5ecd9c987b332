import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { startIssuer } from "./support/issuer.ts";
import { ready, startTestVerifier, verify } from "./support/startTestVerifier.ts";
import { until } from "./support/until.ts";

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
        const verifier = await startTestVerifier(issuer.jwksUri);
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
        const verifier = await startTestVerifier(issuer.jwksUri);
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
