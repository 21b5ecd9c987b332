import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { identityDefaults } from "./defaults.ts";

/** Source of the certificate of a private authority: PEM text, or a ConfigMap of the cluster. */
export type CaSource =
    | {
          /** The certificate itself, as PEM. */
          certificate: pulumi.Input<string>;
      }
    | {
          /** Name of a ConfigMap, such as `kube-root-ca.crt` for the authority of the cluster. */
          configMap: string;
          /** Its namespace. */
          namespace: string;
          /**
           * Entry with the PEM text.
           *
           * @default `identityDefaults.caKey`
           */
          key?: string;
      };

/** Reads a certificate authority; undefined for a public one. `opts` name the cluster's provider where it is not the default. */
export function readCaCertificate(
    name: string,
    source: CaSource | undefined,
    opts?: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
    if (source === undefined || "certificate" in source) {
        return source === undefined ? undefined : pulumi.output(source.certificate);
    }
    const { configMap, namespace, key = identityDefaults.caKey } = source;
    const found = k8s.core.v1.ConfigMap.get(name, `${namespace}/${configMap}`, opts);
    return found.data.apply((entries) => {
        // In a preview before the cluster exists, the entries are unknown.
        const certificate = (entries as Record<string, string> | undefined)?.[key];
        if (certificate === undefined && !pulumi.runtime.isDryRun()) {
            throw new pulumi.RunError(
                `identity.ca: must name a key of ConfigMap '${namespace}/${configMap}', got '${key}'`,
            );
        }
        return certificate ?? "";
    });
}

/** Joins certificates to one PEM text; undefined when there are none. */
export function joinCertificates(
    ...certificates: (pulumi.Output<string> | undefined)[]
): pulumi.Output<string> | undefined {
    const known = certificates.filter((certificate) => certificate !== undefined);
    return known.length === 0
        ? undefined
        : pulumi.all(known).apply((texts) => texts.map((text) => `${text.trimEnd()}\n`).join(""));
}
