import { readFile, rm } from "node:fs/promises";

import {
    type CertificateRequest,
    ensureAuthority,
    ensureCertificate,
} from "../../local/cluster/certificates.ts";
import { testRun } from "../testRun/testRun.ts";

/** A certificate and its private key, as PEM. */
export interface ClusterCertificate {
    certificate: string;
    key: string;
}

/** Makes a certificate that whoever trusts the cluster's authority accepts, and leaves no files. */
export async function makeClusterCertificate(
    request: CertificateRequest,
): Promise<ClusterCertificate> {
    const name = `${testRun().name}-${request.commonName}`;
    const made = await ensureCertificate(name, await ensureAuthority("cluster"), request);
    try {
        return {
            certificate: await readFile(made.certificate, "utf8"),
            key: await readFile(made.key, "utf8"),
        };
    } finally {
        await Promise.all([rm(made.certificate), rm(made.key)]);
    }
}
