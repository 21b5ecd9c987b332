import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { keycloakAccess } from "../../../components/identity/keycloakAccess.ts";
import { recordResources } from "../../support/recordResources.ts";

const administrator = { url: "https://auth.example.org", username: "admin", password: "hidden" };

describe("keycloakAccess", () => {
    it("creates a provider that logs in on first use", async () => {
        const recording = await recordResources(() => {
            const { providers } = keycloakAccess("keycloak", administrator, "PEM");
            assert.deepEqual(Object.keys(providers ?? {}), ["keycloak"]);
        });
        const [provider] = recording;
        assert.equal(provider?.type, "pulumi:providers:keycloak");
        assert.deepEqual(
            [provider.inputs.url, provider.inputs.clientId, provider.inputs.username],
            ["https://auth.example.org", "admin-cli", "admin"],
        );
        assert.equal(String(provider.inputs.initialLogin), "false");
        assert.equal(provider.inputs.rootCaCertificate, "PEM");
    });

    it("creates no provider for a realm that is administered elsewhere", async () => {
        const recording = await recordResources(() => {
            assert.deepEqual(keycloakAccess("keycloak", undefined), {});
        });
        assert.deepEqual(recording, []);
    });

    it("gives its provider the options of the caller", async () => {
        const [parent, provider] = await recordResources(() => {
            const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
            keycloakAccess("keycloak", administrator, undefined, { parent });
        });
        assert.equal(provider?.path, `${parent?.path} / keycloak keycloak`);
    });
});
