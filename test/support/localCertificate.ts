import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A self-signed certificate for `localhost`, 127.0.0.1 and further DNS names, as PEM, with its key. */
export async function makeLocalCertificate(
    names: string[] = [],
): Promise<{ certificate: string; key: string }> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        name: "CN=localhost",
        keys,
        signingAlgorithm: algorithm,
        extensions: [
            new x509.SubjectAlternativeNameExtension([
                ...["localhost", ...names].map((value) => ({ type: "dns" as const, value })),
                { type: "ip", value: "127.0.0.1" },
            ]),
        ],
    });
    const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
        certificate: certificate.toString("pem"),
        key: x509.PemConverter.encode(key, "PRIVATE KEY"),
    };
}
