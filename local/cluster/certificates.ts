// Required by the certificate library, which uses decorators.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { writeText } from "./textFile.ts";

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const years = 10;
const monthMs = 30 * 86_400_000;

/** A certificate and its private key, as files (the key with mode 0600). */
export interface CertificateFiles {
    certificate: string;
    key: string;
}

export interface CertificateRequest {
    commonName: string;
    /** Kubernetes group of a client certificate. */
    organization?: string;
    /** DNS names of a server. @default [] */
    names?: string[];
    /** Addresses of a server. @default [] */
    addresses?: string[];
}

/** Returns a certificate authority; creates it the first time. */
export function ensureAuthority(name: string): Promise<CertificateFiles> {
    return ensure(name, "authority", async () => {
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

/**
 * Returns a certificate for clients and servers, signed by `authority`; creates it the first time. It is renewed when
 * the requested properties or the authority change, or less than a month before it expires.
 */
export async function ensureCertificate(
    name: string,
    authority: CertificateFiles,
    request: CertificateRequest,
): Promise<CertificateFiles> {
    const issuerText = await readFile(authority.certificate, "utf8");
    const { commonName, organization, names = [], addresses = [] } = request;
    return ensure(name, JSON.stringify([request, issuerText]), async () => {
        const issuer = new x509.X509Certificate(issuerText);
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

/** Returns the RSA key pair that signs service account tokens; creates it the first time. */
export async function ensureServiceAccountKey(): Promise<{ private: string; public: string }> {
    const files = {
        private: join(paths.certificates, "service-account.key"),
        public: join(paths.certificates, "service-account.pub"),
    };
    if (!existsSync(files.public)) {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const pem = privateKey.export({ format: "pem", type: "pkcs1" });
        await writeText(files.private, pem as string, 0o600);
        await writeText(files.public, publicKey.export({ format: "pem", type: "spki" }) as string);
    }
    return files;
}

/**
 * Returns the files of `name`. Creates them when one is missing or was made from other inputs; the inputs are recorded
 * last, so that an incomplete pair is made again.
 */
async function ensure(
    name: string,
    reason: string,
    make: () => Promise<{ certificate: x509.X509Certificate; privateKey: webcrypto.CryptoKey }>,
): Promise<CertificateFiles> {
    const files = {
        certificate: join(paths.certificates, `${name}.crt`),
        key: join(paths.certificates, `${name}.key`),
    };
    const reasonFile = join(paths.certificates, `${name}.reason`);
    if (existsSync(files.key) && (await isUsable(files.certificate, reasonFile, reason)))
        return files;
    await rm(reasonFile, { force: true });
    const { certificate, privateKey } = await make();
    const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    await writeText(files.key, key.export({ format: "pem", type: "pkcs8" }) as string, 0o600);
    await writeText(files.certificate, `${certificate.toString("pem")}\n`);
    await writeText(reasonFile, reason);
    return files;
}

async function isUsable(certificate: string, reasonFile: string, reason: string): Promise<boolean> {
    if ((await readFile(reasonFile, "utf8").catch(() => undefined)) !== reason) return false;
    const text = await readFile(certificate, "utf8").catch(() => undefined);
    if (text === undefined) return false;
    const { notBefore, notAfter } = new x509.X509Certificate(text);
    refuseFuture(certificate, notBefore);
    return notAfter.getTime() - Date.now() > monthMs;
}

/** Throws when a certificate is not valid yet: TLS clients would only report that it is not trusted. */
function refuseFuture(certificate: string, notBefore: Date): void {
    const now = new Date();
    if (notBefore <= now) return;
    throw new Error(
        `certificate '${certificate}': is valid from ${notBefore.toISOString()} on, and this machine's clock says ` +
            `${now.toISOString()}; set the clock ('date', NTP); where it is right, the certificate was made while it ` +
            "was ahead: remove the platform with its data ('npm run down -- --platform') and bring it up anew",
    );
}

function validity(): { notBefore: Date; notAfter: Date } {
    const notBefore = new Date(Date.now() - 3_600_000);
    const notAfter = new Date(notBefore);
    notAfter.setFullYear(notAfter.getFullYear() + years);
    return { notBefore, notAfter };
}
