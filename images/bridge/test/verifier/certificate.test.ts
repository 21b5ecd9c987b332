import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Verifier } from "../../src/verifier/verifier.ts";
import { startIssuer, type Issuer } from "../support/issuer.ts";
import { ready, servers, startTestVerifier } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";

const [add, other] = servers as [(typeof servers)[0], (typeof servers)[0]];
const der = Buffer.from("a certificate");
const digest = createHash("sha256").update(der);
const hex = digest.copy().digest("hex");
const thumbprint = digest.digest("base64url");
const pem = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
const stranger = createHash("sha256").update("another").digest("hex");

describe("a token bound to a client certificate", () => {
    let issuer: Issuer;
    let verifier: Verifier;
    before(async () => {
        issuer = await startIssuer();
        verifier = await startTestVerifier(issuer.jwksUri, undefined, {
            servers: [{ ...add, certificateBound: true }, other],
        });
        await until(() => ready(verifier));
    });
    after(async () => {
        await verifier.close();
        await issuer.stop();
    });

    const rows: [string, string, object | undefined, Record<string, string>, number][] = [
        [
            "its digest",
            "add",
            { "x5t#S256": thumbprint },
            { "x-client-certificate-sha256": hex },
            204,
        ],
        [
            "its digest in upper case with colons",
            "add",
            { "x5t#S256": thumbprint },
            {
                "x-client-certificate-sha256": hex.toUpperCase().replace(/..(?=.)/g, "$&:"),
            },
            204,
        ],
        [
            "its digest in base64url",
            "add",
            { "x5t#S256": thumbprint },
            { "x-client-certificate-sha256": thumbprint },
            204,
        ],
        [
            "its text",
            "add",
            { "x5t#S256": thumbprint },
            { "x-client-certificate": encodeURIComponent(pem) },
            204,
        ],
        ["no certificate", "add", { "x5t#S256": thumbprint }, {}, 401],
        [
            "another certificate",
            "add",
            { "x5t#S256": thumbprint },
            { "x-client-certificate-sha256": stranger },
            401,
        ],
        [
            "a certificate that is none",
            "add",
            { "x5t#S256": thumbprint },
            { "x-client-certificate": "%" },
            401,
        ],
        [
            "a token that is not bound",
            "add",
            undefined,
            { "x-client-certificate-sha256": hex },
            401,
        ],
        [
            "its digest, at a server without mutual TLS",
            "other",
            { "x5t#S256": thumbprint },
            { "x-client-certificate-sha256": hex },
            401,
        ],
        ["a key of DPoP", "other", { jkt: thumbprint }, {}, 401],
        ["a certificate and a key", "add", { "x5t#S256": thumbprint, jkt: "k" }, {}, 401],
        ["no binding", "other", undefined, {}, 204],
    ];
    for (const [what, name, cnf, headers, status] of rows) {
        it(`is answered with ${status} given ${what}`, async () => {
            const own = name === "add" ? add : other;
            const token = await issuer.sign({
                ...{ aud: own.resource, scope: own.scopes.join(" ") },
                ...(cnf && { cnf }),
            });
            // Twice, as the second is answered from memory.
            for (let attempt = 0; attempt < 2; attempt += 1) {
                const response = await fetch(`http://127.0.0.1:${verifier.port}/verify/${name}`, {
                    headers: { authorization: `Bearer ${token}`, ...headers },
                });
                assert.equal(response.status, status);
            }
        });
    }
});
