import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { ServerDeployment, ServerNamespace } from "../../../components/index.ts";
import { openProviderStack, type ProviderStack } from "../../providers/providerStack.ts";
import { type FakeKubernetes, startFakeKubernetes } from "../../support/fakeKubernetes.ts";

/** Under the real engine, as replacements are its decision. */
describe("a registry password that rotates", function () {
    this.timeout(120_000);
    let kubernetes: FakeKubernetes;
    let opened: ProviderStack;

    before(async () => {
        kubernetes = await startFakeKubernetes();
        opened = await openProviderStack(["kubernetes"], { environment: {}, official: false });
        const kubeconfig = join(opened.directory, "kubeconfig");
        writeFileSync(kubeconfig, kubernetes.kubeconfig);
        const config = { "kubernetes:kubeconfig": kubeconfig };
        writeFileSync(join(opened.directory, "Pulumi.contract.yaml"), stringify({ config }));
    });

    after(async () => {
        await opened.stack.destroy();
        await opened.close();
        await kubernetes.close();
    });

    async function upWith(password: string): Promise<string[]> {
        opened.use(() => {
            const registry = {
                address: "registry.example.org",
                username: "AWS",
                password: pulumi.secret(password),
            };
            const place = new ServerNamespace("tools", {
                namespace: "tools",
                registry,
                protect: false,
            });
            new ServerDeployment("weather", {
                namespace: place.namespace,
                pullSecretName: place.pullSecretName,
                image: "registry.example.org/weather:1.0.0",
                gatewayPods: {},
            });
            return Promise.resolve({});
        });
        const before = kubernetes.applied.length;
        await opened.stack.up();
        return kubernetes.applied.slice(before).map(({ kind }) => kind);
    }

    it("changes the pull Secret and no pod", async () => {
        assert.ok((await upWith("first")).includes("Deployment"));
        assert.deepEqual([...new Set(await upWith("second"))], ["Secret"]);
    });
});
