import assert from "node:assert/strict";

import { joinCertificates, readCaCertificate } from "../../../components/identity/caCertificate.ts";
import { only, recordResources, valueOf } from "../../support/recordResources.ts";

describe("readCaCertificate", () => {
    it("needs none where a public authority signed", () => {
        assert.equal(readCaCertificate("ca", undefined), undefined);
    });

    it("takes a certificate as it is", async () => {
        await recordResources(async () => {
            const certificate = readCaCertificate("ca", { certificate: "PEM" });
            assert.equal(certificate && (await valueOf(certificate)), "PEM");
        });
    });

    it("reads a ConfigMap of the cluster", async () => {
        const source = { configMap: "kube-root-ca.crt", namespace: "default" };
        const recording = await recordResources(async () => {
            const certificate = readCaCertificate("identity-ca", source);
            assert.equal(certificate && (await valueOf(certificate)), "cluster certificate");
        });
        assert.equal(only(recording, "ConfigMap").id, "default/kube-root-ca.crt");
    });

    it("refuses a key that the ConfigMap does not have", async () => {
        const source = { configMap: "roots", namespace: "default", key: "other.crt" };
        const failing = recordResources(() => valueOf(readCaCertificate("identity-ca", source)!));
        await assert.rejects(
            failing,
            /identity\.ca: must name a key of ConfigMap 'default\/roots', got 'other\.crt'/,
        );
    });
});

describe("joinCertificates", () => {
    it("gives nothing for nothing", () => {
        assert.equal(joinCertificates(undefined, undefined), undefined);
    });
});
