import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "reflect-metadata";
import {
    BasicConstraintsExtension,
    SubjectAlternativeNameExtension,
    X509CertificateGenerator,
} from "@peculiar/x509";
import { exportJWK, generateKeyPair } from "jose";
import { startProgram } from "../support/startProgram.ts";
import { until } from "../support/until.ts";

/** A self-signed certificate of localhost, and its key, as PEM. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned({
        name: "CN=localhost",
        keys,
        notAfter: new Date(Date.now() + 3_600_000),
        signingAlgorithm: algorithm,
        extensions: [
            new BasicConstraintsExtension(true),
            new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }]),
        ],
    });
    const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
    const key = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
    return { cert: certificate.toString("pem"), key };
}

describe("the token verifier as a program", () => {
    it("reads keys from an issuer whose authority only its own file names", async () => {
        const { cert, key } = await makeCertificate();
        const jwk = { ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid: "1" };
        const issuer = createServer({ cert, key }, (_, response) =>
            response.end(JSON.stringify({ keys: [jwk] })),
        );
        await new Promise<void>((resolve) => issuer.listen(0, "localhost", resolve));
        const directory = mkdtempSync(join(tmpdir(), "verifier-"));
        const caFile = join(directory, "ca.pem");
        writeFileSync(caFile, cert);
        const jwksUri = `https://localhost:${(issuer.address() as AddressInfo).port}/certs`;
        const server = { name: "add", resource: "https://mcp.example.org/add/mcp", scopes: [] };
        const config = { issuer: "https://id.example.org", jwksUri, servers: [server] };

        const outcomes = [];
        for (const trusted of [true, false]) {
            const file = join(directory, `${trusted}.json`);
            writeFileSync(file, JSON.stringify({ ...config, ...(trusted && { caFile }) }));
            const environment = {
                SLIPWAY_VERIFIER_FILE: file,
                PORT: "0",
                SLIPWAY_MANAGEMENT_PORT: "0",
            };
            const program = startProgram("verifier", [], environment);
            const events = () => program.log.map(({ event }) => event);
            await until(() => events().some((event) => String(event).startsWith("keys")));
            outcomes.push(events().find((event) => String(event).startsWith("keys")));
            process.kill(program.pid, "SIGTERM");
            assert.equal(await program.ended, 0);
        }
        issuer.close();
        assert.deepEqual(outcomes, ["keys loaded", "keys not loaded"]);
    });

    it("says what its configuration lacks, and ends", async () => {
        const program = startProgram("verifier", []);
        assert.equal(await program.ended, 2);
        assert.match(program.output(), /cannot start: SLIPWAY_VERIFIER_FILE: must name/);
    });
});
