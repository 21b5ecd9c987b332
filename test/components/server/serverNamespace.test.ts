import assert from "node:assert/strict";

import { ServerNamespace } from "../../../components/server/serverNamespace.ts";
import { inventory, only, recordResources } from "../../support/recordResources.ts";

const registry = {
    address: "registry.example.org/acme",
    username: "puller",
    password: "a password",
};

describe("ServerNamespace", () => {
    const protections = [
        { what: "by default", args: {}, opts: {}, expected: true },
        { what: "with 'protect: false'", args: { protect: false }, opts: {}, expected: false },
        { what: "with that option of Pulumi", args: {}, opts: { protect: false }, expected: false },
    ];
    for (const { what, args, opts, expected } of protections) {
        it(`${expected ? "protects" : "does not protect"} its namespace ${what}`, async () => {
            const recording = await recordResources(
                () => new ServerNamespace("servers", { namespace: "tools", ...args }, opts),
            );
            assert.equal(only(recording, "Namespace").protect, expected);
        });
    }

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
