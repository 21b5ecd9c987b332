import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { isIPv4 } from "node:net";

import { gatewayDefaults } from "./defaults.ts";
import type { CertificateValidity, GatewayTls } from "./gateway.ts";

/** Secret of type `kubernetes.io/tls`, and the certificate that clients must trust when it is self-signed. */
export interface GatewayCertificate {
    secretName: pulumi.Input<string>;
    caCertificate: pulumi.Output<string> | undefined;
    validity: pulumi.Output<CertificateValidity> | undefined;
}

/** Uses the existing Secret, or creates a self-signed certificate for `hosts`. */
export function provideCertificate(
    name: string,
    hosts: string[],
    choice: GatewayTls,
    namespace: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): GatewayCertificate {
    if (choice.secretName !== undefined) {
        return { secretName: choice.secretName, caCertificate: undefined, validity: undefined };
    }
    const { validDays, renewalDays } = gatewayDefaults.certificate;
    const names = hosts.filter((host) => !isIPv4(host));
    const addresses = hosts.filter(isIPv4);
    const key = new tls.PrivateKey(
        `${name}-key`,
        { algorithm: "ECDSA", ecdsaCurve: "P256" },
        child,
    );
    const certificate = new tls.SelfSignedCert(
        `${name}-certificate`,
        {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: hosts[0] },
            dnsNames: names.length === 0 ? undefined : names,
            ipAddresses: addresses.length === 0 ? undefined : addresses,
            isCaCertificate: true,
            // Without it, OpenSSL takes another trusted certificate of the same host for the issuer, and refuses this one:
            // clients may trust those of several stacks, or of before and after a renewal.
            setAuthorityKeyId: true,
            allowedUses: ["digital_signature", "cert_signing", "server_auth"],
            validityPeriodHours: validDays * 24,
            earlyRenewalHours: renewalDays * 24,
        },
        child,
    );
    const secretArgs = {
        metadata: { namespace },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate.certPem, "tls.key": pulumi.secret(key.privateKeyPem) },
    };
    const secret = new k8s.core.v1.Secret(`${name}-tls`, secretArgs, child);
    return {
        secretName: secret.metadata.name,
        caCertificate: certificate.certPem,
        validity: certificate.validityEndTime.apply((expires) => {
            const renewedFrom = new Date(Date.parse(expires) - renewalDays * 86_400_000);
            return { renewedFrom: renewedFrom.toISOString(), expires };
        }),
    };
}
