import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { frozenType } from "../protocol/frozenType.ts";
import { objectOf, textOf, textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { extensionsOf } from "./extensions.ts";
import { signingAlgorithm } from "./signingAlgorithm.ts";

const hourMs = 3_600_000;

/** Attributes of a subject: names in the program and in a distinguished name (RFC 4514). */
const subjectParts = {
    country: "C",
    province: "ST",
    locality: "L",
    streetAddresses: "STREET",
    organization: "O",
    organizationalUnit: "OU",
    commonName: "CN",
    postalCode: "2.5.4.17",
    serialNumber: "2.5.4.5",
} as const;

/** `tls.SelfSignedCert`. */
export const selfSignedCertType = frozenType({
    defaults: {
        earlyRenewalHours: 0,
        isCaCertificate: false,
        setAuthorityKeyId: false,
        setSubjectKeyId: false,
    },
    outputs: ["certPem", "keyAlgorithm", "validityStartTime", "validityEndTime", "readyForRenewal"],
    secretOutputs: ["privateKeyPem"],
    refuse: (inputs) =>
        "privateKeyPemWo" in inputs
            ? [{ property: "privateKeyPemWo", reason: "is not supported: give 'privateKeyPem'" }]
            : [],
    isSpent: isDueForRenewal,
    make: async (inputs) => {
        const privateKey = createPrivateKey(textOf(inputs, "privateKeyPem") ?? "");
        const start = new Date();
        const end = new Date(start.getTime() + Number(inputs.validityPeriodHours) * hourMs);
        const certificate = await sign(inputs, privateKey, start, end);
        return {
            id: BigInt(`0x${certificate.serialNumber}`).toString(),
            outputs: {
                certPem: `${certificate.toString("pem")}\n`,
                keyAlgorithm: algorithmName(privateKey),
                validityStartTime: start.toISOString(),
                validityEndTime: end.toISOString(),
                readyForRenewal: false,
            },
        };
    },
});

function isDueForRenewal(outputs: Values): boolean {
    const end = Date.parse(textOf(outputs, "validityEndTime") ?? "");
    const early = Number(outputs.earlyRenewalHours ?? 0) * hourMs;
    return Number.isFinite(end) && Date.now() >= end - early;
}

function sign(
    inputs: Values,
    privateKey: KeyObject,
    notBefore: Date,
    notAfter: Date,
): Promise<x509.X509Certificate> {
    const { algorithm, signing } = signingAlgorithm(privateKey);
    const publicKey = createPublicKey(privateKey).toCryptoKey(algorithm, true, ["verify"]);
    const serial = randomBytes(16);
    serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive and without leading zeros, as DER requires
    return extensionsOf(inputs, publicKey).then((extensions) =>
        x509.X509CertificateGenerator.createSelfSigned({
            serialNumber: serial.toString("hex"),
            name: new x509.Name(subjectOf(objectOf(inputs, "subject"))),
            notBefore,
            notAfter,
            signingAlgorithm: signing,
            keys: { privateKey: privateKey.toCryptoKey(algorithm, false, ["sign"]), publicKey },
            extensions,
        }),
    );
}

function subjectOf(subject: Values): x509.JsonName {
    return Object.entries(subjectParts).flatMap(([property, part]) => {
        const texts = [textOf(subject, property), ...textsOf(subject, property)];
        return texts.filter((text) => text !== undefined).map((text) => ({ [part]: [text] }));
    });
}

function algorithmName({ asymmetricKeyType }: KeyObject): string {
    if (asymmetricKeyType === "ec") return "ECDSA";
    return (asymmetricKeyType ?? "").toUpperCase();
}
