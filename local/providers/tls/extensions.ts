import * as x509 from "@peculiar/x509";

import type { webcrypto } from "node:crypto";

import { textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";

const keyUsages = new Map<string, x509.KeyUsageFlags>([
    ["digital_signature", x509.KeyUsageFlags.digitalSignature],
    ["content_commitment", x509.KeyUsageFlags.nonRepudiation],
    ["key_encipherment", x509.KeyUsageFlags.keyEncipherment],
    ["data_encipherment", x509.KeyUsageFlags.dataEncipherment],
    ["key_agreement", x509.KeyUsageFlags.keyAgreement],
    ["cert_signing", x509.KeyUsageFlags.keyCertSign],
    ["crl_signing", x509.KeyUsageFlags.cRLSign],
    ["encipher_only", x509.KeyUsageFlags.encipherOnly],
    ["decipher_only", x509.KeyUsageFlags.decipherOnly],
]);

const extendedKeyUsages = new Map<string, string>([
    ["any_extended", "2.5.29.37.0"],
    ["server_auth", x509.ExtendedKeyUsage.serverAuth],
    ["client_auth", x509.ExtendedKeyUsage.clientAuth],
    ["code_signing", x509.ExtendedKeyUsage.codeSigning],
    ["email_protection", x509.ExtendedKeyUsage.emailProtection],
    ["timestamping", x509.ExtendedKeyUsage.timeStamping],
    ["ocsp_signing", x509.ExtendedKeyUsage.ocspSigning],
]);

/** The X.509 v3 extensions of a certificate, by its inputs. */
export async function extensionsOf(
    inputs: Values,
    publicKey: webcrypto.CryptoKey,
): Promise<x509.Extension[]> {
    const isCa = inputs.isCaCertificate === true;
    const length = typeof inputs.maxPathLength === "number" ? inputs.maxPathLength : undefined;
    const extensions: x509.Extension[] = [
        ...usagesOf(textsOf(inputs, "allowedUses")),
        new x509.BasicConstraintsExtension(isCa, isCa ? length : undefined, true),
        ...namesOf(inputs),
    ];
    // A certificate authority always has a subject key id, as in the official provider.
    if (inputs.setSubjectKeyId === true || isCa)
        extensions.push(await x509.SubjectKeyIdentifierExtension.create(publicKey));
    if (inputs.setAuthorityKeyId === true)
        extensions.push(await x509.AuthorityKeyIdentifierExtension.create(publicKey));
    return extensions;
}

function usagesOf(uses: readonly string[]): x509.Extension[] {
    const unknown = uses.filter((use) => !keyUsages.has(use) && !extendedKeyUsages.has(use));
    if (unknown.length > 0) {
        const known = [...keyUsages.keys(), ...extendedKeyUsages.keys()].join(", ");
        throw new Error(`allowedUses: must be of ${known}, got '${unknown.join("', '")}'`);
    }
    const flags = uses.reduce((sum, use) => sum | (keyUsages.get(use) ?? 0), 0);
    const extended = uses.flatMap((use) => extendedKeyUsages.get(use) ?? []);
    return [
        ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
        ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    ];
}

function namesOf(inputs: Values): x509.Extension[] {
    const names: x509.JsonGeneralName[] = [
        ...textsOf(inputs, "dnsNames").map((value) => ({ type: "dns" as const, value })),
        ...textsOf(inputs, "ipAddresses").map((value) => ({ type: "ip" as const, value })),
        ...textsOf(inputs, "uris").map((value) => ({ type: "url" as const, value })),
    ];
    return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}
