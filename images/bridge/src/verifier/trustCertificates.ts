import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** Makes every TLS client of this process trust the authorities in a PEM file, besides the usual ones. */
export function trustCertificates(file: string): void {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(file, "utf8")]);
}
