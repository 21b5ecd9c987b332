import * as k8s from "@pulumi/kubernetes";
import assert from "node:assert/strict";

import { joinCertificates, readCaCertificate } from "../../../components/identity/caCertificate.ts";
import { only, recordResources, valueOf } from "../../support/recordResources.ts";

describe("readCaCertificate", () => {
    it("is undefined for a public authority", () => {
        assert.equal(readCaCertificate("ca", undefined), undefined);
    });

    it("returns a given certificate unchanged", async () => {
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

    it("reads it with the provider of the caller's cluster", async () => {
        const source = { configMap: "kube-root-ca.crt", namespace: "default" };
        const recording = await recordResources(() => {
            const provider = new k8s.Provider("other", { context: "other" });
            readCaCertificate("identity-ca", source, { provider });
        });
        assert.match(only(recording, "ConfigMap").provider ?? "", /::other::/);
    });

    it("refuses a key that is missing in the ConfigMap", async () => {
        const source = { configMap: "roots", namespace: "default", key: "other.crt" };
        const failing = recordResources(() => valueOf(readCaCertificate("identity-ca", source)!));
        await assert.rejects(
            failing,
            /identity\.ca: must name a key of ConfigMap 'default\/roots', got 'other\.crt'/,
        );
    });
});

describe("joinCertificates", () => {
    it("is undefined without certificates", () => {
        assert.equal(joinCertificates(undefined, undefined), undefined);
    });
});
