import { readFile } from "node:fs/promises";

/** Paths of the machine's bundle of trusted authorities in Linux distributions. */
const bundles = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/**
 * Returns all certificate authorities the machine trusts, as PEM: the system's, and those set by environment variables.
 *
 * Behind a proxy that inspects TLS, programs in an image need them to reach package registries.
 */
export async function readMachineCertificates(environment = process.env): Promise<string> {
    const named = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"].map((name) => environment[name] ?? "");
    const texts = await Promise.all(
        [...new Set([...bundles, ...named])].map((file) => readIfThere(file)),
    );
    const certificates = texts
        .join("\n")
        .matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    return [...new Set([...certificates].map(([pem]) => `${pem}\n`))].join("");
}

function readIfThere(file: string): Promise<string> {
    return file === "" ? Promise.resolve("") : readFile(file, "utf8").catch(() => "");
}
