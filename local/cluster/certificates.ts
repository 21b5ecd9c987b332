// The certificate library finds its parts by decorators.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const years = 10;

/** A certificate and its private key, as files (the key with mode 0600). */
export interface CertificateFiles {
    certificate: string;
    key: string;
}

export interface CertificateRequest {
    commonName: string;
    /** The group Kubernetes reads from a client certificate. */
    organization?: string;
    /** DNS names of a server. @default [] */
    names?: string[];
    /** Addresses of a server. @default [] */
    addresses?: string[];
}

/** Makes a certificate authority, or gives the one made before. */
export function ensureAuthority(name: string): Promise<CertificateFiles> {
    return ensure(name, async () => {
        const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            name: `CN=slipway ${name}`,
            ...validity(),
            keys,
            signingAlgorithm: algorithm,
            extensions: [
                new x509.BasicConstraintsExtension(true, 0, true),
                new x509.KeyUsagesExtension(
                    x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
                    true,
                ),
                await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            ],
        });
        return { certificate, privateKey: keys.privateKey };
    });
}

/** Makes a certificate for clients and servers, signed by `authority`, or gives the one made before. */
export function ensureCertificate(
    name: string,
    authority: CertificateFiles,
    { commonName, organization, names = [], addresses = [] }: CertificateRequest,
): Promise<CertificateFiles> {
    return ensure(name, async () => {
        const issuer = new x509.X509Certificate(await readFile(authority.certificate, "utf8"));
        const signingKey = await webcrypto.subtle.importKey(
            "pkcs8",
            createPrivateKey(await readFile(authority.key, "utf8")).export({
                format: "der",
                type: "pkcs8",
            }),
            algorithm,
            false,
            ["sign"],
        );
        const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const subject = [{ CN: [commonName] }];
        const certificate = await x509.X509CertificateGenerator.create({
            subject: organization === undefined ? subject : [{ O: [organization] }, ...subject],
            issuer: issuer.subject,
            ...validity(),
            publicKey: keys.publicKey,
            signingKey,
            signingAlgorithm: algorithm,
            extensions: [
                new x509.BasicConstraintsExtension(false, undefined, true),
                new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
                new x509.ExtendedKeyUsageExtension([
                    x509.ExtendedKeyUsage.serverAuth,
                    x509.ExtendedKeyUsage.clientAuth,
                ]),
                await x509.AuthorityKeyIdentifierExtension.create(issuer),
                new x509.SubjectAlternativeNameExtension([
                    ...names.map((value) => ({ type: "dns" as const, value })),
                    ...addresses.map((value) => ({ type: "ip" as const, value })),
                ]),
            ],
        });
        return { certificate, privateKey: keys.privateKey };
    });
}

/** Makes the RSA key that signs service account tokens, or gives the one made before: private and public half. */
export async function ensureServiceAccountKey(): Promise<{ private: string; public: string }> {
    const files = {
        private: join(paths.certificates, "service-account.key"),
        public: join(paths.certificates, "service-account.pub"),
    };
    if (!existsSync(files.public)) {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        await mkdir(paths.certificates, { recursive: true, mode: 0o700 });
        const pem = privateKey.export({ format: "pem", type: "pkcs1" });
        await writeFile(files.private, pem, { mode: 0o600 });
        await writeFile(files.public, publicKey.export({ format: "pem", type: "spki" }));
    }
    return files;
}

/** Gives the files of `name`; makes them when one is missing, the certificate last, so that a half-made pair is made anew. */
async function ensure(
    name: string,
    make: () => Promise<{ certificate: x509.X509Certificate; privateKey: webcrypto.CryptoKey }>,
): Promise<CertificateFiles> {
    const files = {
        certificate: join(paths.certificates, `${name}.crt`),
        key: join(paths.certificates, `${name}.key`),
    };
    if (!existsSync(files.certificate)) {
        await mkdir(paths.certificates, { recursive: true, mode: 0o700 });
        const { certificate, privateKey } = await make();
        const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
        const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        await writeFile(files.key, key.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
        await writeFile(files.certificate, `${certificate.toString("pem")}\n`);
    }
    return files;
}

function validity(): { notBefore: Date; notAfter: Date } {
    const notBefore = new Date(Date.now() - 3_600_000);
    const notAfter = new Date(notBefore);
    notAfter.setFullYear(notAfter.getFullYear() + years);
    return { notBefore, notAfter };
}
