import assert from "node:assert/strict";
import { issuerName, resource, startIssuer, type Issuer } from "../support/issuer.ts";
import { ready, startTestVerifier, verify } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";
import type { Verifier } from "../../src/verifier/verifier.ts";

const partner = "https://partner.example.org";

describe("a token verifier with two issuers", () => {
    let first: Issuer;
    let second: Issuer;
    let verifier: Verifier;
    before(async () => {
        first = await startIssuer();
        second = await startIssuer("ES256");
        verifier = await startTestVerifier(first.jwksUri, undefined, {
            furtherIssuers: [{ issuer: partner, jwksUri: second.jwksUri }],
        });
        await until(() => ready(verifier));
        await until(() => second.fetches() > 0);
    });
    after(async () => {
        await verifier.close();
        await Promise.all([first.stop(), second.stop()]);
    });

    it("accepts tokens of both and never makes one caller of two", async () => {
        const names = [];
        for (const token of [await first.sign(), await second.sign({ iss: partner })]) {
            const { status, headers } = await verify(verifier, `Bearer ${token}`);
            assert.equal(status, 204);
            names.push([headers.get("x-auth-subject"), headers.get("x-auth-client")]);
        }
        assert.deepEqual(names, [
            ["user-1", "agent"],
            [`user-1@${partner}`, `agent@${partner}`],
        ]);
    });

    const forgeries: [string, () => Promise<string>][] = [
        ["of the first, signed by the second", () => second.sign()],
        ["of the second, signed by the first", () => first.sign({ iss: partner })],
        ["of a third", () => first.sign({ iss: "https://third.example.org" })],
        ["of no issuer", () => first.sign({ iss: undefined })],
        ["of the second for another audience", () => second.sign({ iss: partner, aud: "other" })],
    ];
    for (const [what, sign] of forgeries) {
        it(`refuses a token ${what}`, async () => {
            assert.equal((await verify(verifier, `Bearer ${await sign()}`)).status, 401);
        });
    }

    it("names both in the document of a server", async () => {
        const response = await fetch(`http://127.0.0.1:${verifier.port}/metadata/add`);
        const document = (await response.json()) as Record<string, unknown>;
        assert.deepEqual(document["authorization_servers"], [issuerName, partner]);
        assert.equal(document["resource"], resource);
    });

    it("stays ready, and takes the first's tokens, while the second cannot be reached", async () => {
        const absent = { issuer: partner, jwksUri: "http://127.0.0.1:9/certs" };
        const other = await startTestVerifier(first.jwksUri, undefined, {
            furtherIssuers: [absent],
        });
        try {
            await until(() => ready(other));
            assert.equal((await verify(other, `Bearer ${await first.sign()}`)).status, 204);
            const token = await second.sign({ iss: partner });
            assert.equal((await verify(other, `Bearer ${token}`)).status, 503);
        } finally {
            await other.close();
        }
    });
});
