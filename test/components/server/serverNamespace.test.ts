import assert from "node:assert/strict";

import { ServerNamespace } from "../../../components/server/serverNamespace.ts";
import { inventory, only, recordResources } from "../../support/recordResources.ts";

const registry = {
    address: "registry.example.org/acme",
    username: "puller",
    password: "a password",
};

describe("ServerNamespace", () => {
    it("admits restricted pods only", async () => {
        const recording = await recordResources(
            () => new ServerNamespace("servers", { namespace: "tools" }),
        );
        const { metadata } = only(recording, "Namespace").inputs;
        assert.equal(metadata.name, "tools");
        assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    });

    it("leaves an existing namespace unchanged", async () => {
        const recording = await recordResources(
            () => new ServerNamespace("servers", { namespace: "tools", create: false }),
        );
        assert.deepEqual(inventory(recording), ["ServerNamespace servers"]);
    });

    it("lets nodes pull from a registry with a login", async () => {
        const recording = await recordResources(
            () => new ServerNamespace("servers", { namespace: "tools", registry }),
        );
        const { type, stringData } = only(recording, "Secret").inputs;
        assert.equal(type, "kubernetes.io/dockerconfigjson");
        assert.deepEqual(JSON.parse(stringData[".dockerconfigjson"]), {
            auths: { "registry.example.org": { username: "puller", password: "a password" } },
        });
    });
});
