import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ServerNamespace } from "../../../components/server/serverNamespace.ts";
import {
    inventory,
    only,
    recordResources,
    resourcesOf,
    valueOf,
} from "../../support/recordResources.ts";

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

    it("keeps the name of the pull Secret when the password changes, so that no pod restarts", async () => {
        const nameOf = async (password: string, component = "servers") => {
            let found = "";
            const recording = await recordResources(async () => {
                const args = { namespace: "tools", registry: { ...registry, password } };
                const { pullSecretName } = new ServerNamespace(component, args);
                assert.ok(pullSecretName);
                // A replaced Secret would replace what depends on it.
                assert.deepEqual(await resourcesOf(pullSecretName), []);
                found = await valueOf(pullSecretName);
            });
            assert.equal(only(recording, "Secret").inputs.metadata.name, found);
            return found;
        };
        assert.equal(await nameOf("first"), "registry-login-slipway-test");
        assert.equal(await nameOf("second"), await nameOf("first"));
        // As with an alias.
        assert.equal(await nameOf("first", "renamed"), await nameOf("first"));
    });

    it("lets nodes pull from several registries, one of which is made in the same program", async () => {
        const pullRegistries = [
            { address: "quay.io", username: "robot", password: "b" },
            { address: pulumi.output("1234.ecr.example.org/acme"), username: "AWS", password: "c" },
        ];
        const recording = await recordResources(
            () => new ServerNamespace("servers", { namespace: "tools", registry, pullRegistries }),
        );
        const { stringData } = only(recording, "Secret").inputs;
        assert.deepEqual(JSON.parse(stringData[".dockerconfigjson"]), {
            auths: {
                "registry.example.org": { username: "puller", password: "a password" },
                "quay.io": { username: "robot", password: "b" },
                "1234.ecr.example.org": { username: "AWS", password: "c" },
            },
        });
    });

    const login = { username: "robot", password: "b" };
    for (const { pullRegistries, reason } of [
        {
            pullRegistries: [{ ...login, address: "registry.example.org/other" }],
            reason: /pullRegistries\[0\]\.address: .*per host, got 'registry\.example\.org' again/,
        },
        {
            pullRegistries: [{ address: "quay.io", username: "robot" }],
            reason: /pullRegistries\[0\]\.password: must be given/,
        },
        {
            pullRegistries: [{ ...login, address: "https://quay.io" }],
            reason: /pullRegistries\[0\]\.address: .*got 'https:\/\/quay\.io'/,
        },
    ]) {
        it(`refuses ${JSON.stringify(pullRegistries)}`, async () => {
            const args = { namespace: "tools", registry, pullRegistries };
            const failing = recordResources(() => new ServerNamespace("servers", args));
            await assert.rejects(failing, reason);
        });
    }

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
