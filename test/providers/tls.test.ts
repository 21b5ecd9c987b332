import * as tls from "@pulumi/tls";
import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey, createPublicKey } from "node:crypto";

import { describeContract, describeMaking } from "./contract.ts";
import { hasOfficialPlugins } from "./officialPlugins.ts";
import { openProviderStack } from "./providerStack.ts";

const keyOf = (args: tls.PrivateKeyArgs) => () => {
    const { privateKeyPem, privateKeyPemPkcs8, publicKeyPem } = new tls.PrivateKey("subject", args);
    return Promise.resolve({ privateKeyPem, privateKeyPemPkcs8, publicKeyPem });
};

await describeMaking({
    title: "tls.PrivateKey",
    type: "tls:index/privateKey:PrivateKey",
    packages: ["tls"],
    first: keyOf({ algorithm: "ECDSA", ecdsaCurve: "P256" }),
    secrets: ({ privateKeyPem, privateKeyPemPkcs8 }) => [
        lineOf(privateKeyPem),
        lineOf(privateKeyPemPkcs8),
    ],
    verify: ({ privateKeyPem, privateKeyPemPkcs8, publicKeyPem }) => {
        const text = (key: unknown) =>
            createPublicKey(createPrivateKey(String(key))).export({ type: "spki", format: "pem" });
        assert.equal(text(privateKeyPem), publicKeyPem);
        assert.equal(text(privateKeyPemPkcs8), publicKeyPem);
        assert.match(String(privateKeyPem), /^-----BEGIN EC PRIVATE KEY-----/);
    },
});

const certificateOf =
    (args: Partial<tls.SelfSignedCertArgs>, algorithm = "ECDSA") =>
    () => {
        const key = new tls.PrivateKey("key", { algorithm, ecdsaCurve: "P256" });
        const certificate = new tls.SelfSignedCert("subject", {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: "localhost", organization: "Slipway, Inc." },
            dnsNames: ["localhost"],
            ipAddresses: ["127.0.0.1"],
            isCaCertificate: true,
            validityPeriodHours: 24,
            allowedUses: ["digital_signature", "cert_signing", "server_auth"],
            ...args,
        });
        return Promise.resolve({
            certPem: certificate.certPem,
            privateKeyPem: key.privateKeyPem,
            end: certificate.validityEndTime,
        });
    };

await describeContract({
    title: "tls.SelfSignedCert",
    type: "tls:index/selfSignedCert:SelfSignedCert",
    packages: ["tls"],
    first: certificateOf({}),
    replaced: certificateOf({ dnsNames: ["localhost", "mcp.example.org"] }),
    broken: { program: certificateOf({ allowedUses: ["nonsense"] }), message: /nonsense/ },
    secrets: ({ privateKeyPem }) => [lineOf(privateKeyPem)],
    verify: ({ certPem, privateKeyPem, end }) => {
        const certificate = new X509Certificate(String(certPem));
        assert.ok(certificate.verify(certificate.publicKey), "signature");
        assert.ok(certificate.checkPrivateKey(createPrivateKey(String(privateKeyPem))), "key");
        assert.equal(certificate.ca, true);
        assert.equal(certificate.checkHost("localhost"), "localhost");
        assert.equal(certificate.checkIP("127.0.0.1"), "127.0.0.1");
        assert.match(certificate.subject, /^O=Slipway\\?, Inc\.\nCN=localhost$/m);
        assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
        const remaining = Date.parse(String(end)) - Date.now();
        assert.ok(remaining > 23 * 3_600_000 && remaining <= 24 * 3_600_000, "validity");
    },
});

for (const algorithm of ["RSA", "ED25519"]) {
    await describeMaking({
        title: `tls.SelfSignedCert of an ${algorithm} key`,
        type: "tls:index/selfSignedCert:SelfSignedCert",
        packages: ["tls"],
        first: certificateOf({}, algorithm),
        verify: ({ certPem }) => {
            const certificate = new X509Certificate(String(certPem));
            assert.ok(certificate.verify(certificate.publicKey), "signature");
        },
    });
}

for (const official of [false, ...((await hasOfficialPlugins(["tls"])) ? [true] : [])]) {
    it(`tls.SelfSignedCert, ${official ? "official plugin" : "stand-in"}: is replaced in its last hours only`, async function () {
        this.timeout(120_000);
        const opened = await openProviderStack(["tls"], { environment: {}, official });
        const certificateAfterUp = async (earlyRenewalHours: number) => {
            opened.use(certificateOf({ validityPeriodHours: 24, earlyRenewalHours }));
            await opened.stack.up();
            return (await opened.stack.outputs())["certPem"]?.value as unknown;
        };
        try {
            const first = await certificateAfterUp(23);
            assert.equal(await certificateAfterUp(23), first);
            const due = await certificateAfterUp(24);
            assert.notEqual(await certificateAfterUp(24), due);
        } finally {
            await opened.stack.destroy();
            await opened.close();
        }
    });
}

/** A line of a PEM text that contains part of the private number only; later lines also contain the public key. */
function lineOf(pem: unknown): string {
    return String(pem).trim().split("\n").at(1) ?? "";
}
