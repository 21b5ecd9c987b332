import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { namespace } from "./cluster.ts";
import { closeDevStack, devStack } from "./devStack.ts";
import { connectAdmin } from "./foreignRealm.ts";

const registry = "http://localhost:30500/v2";

describe("destroy", function () {
    this.timeout(600_000);

    it("leaves no object, client or image behind", async () => {
        const { kubeConfig, stack } = await devStack();
        const images = await listDeployedImages(kubeConfig);
        const admin = await connectAdmin();
        assert.ok(images.length >= 3, images.join());
        assert.ok((await admin.realms.find()).some(({ realm }) => realm === "slipway"));
        for (const image of images) assert.equal(await isServed(image), true, image);

        await stack.destroy();

        const core = kubeConfig.makeApiClient(CoreV1Api);
        await assert.rejects(
            core.readNamespace({ name: namespace }),
            (error) => error instanceof ApiException && error.code === 404,
        );
        const realms = (await (await connectAdmin()).realms.find()).map(({ realm }) => realm);
        assert.deepEqual(realms, ["master"]);
        for (const image of images) assert.equal(await isServed(image), false, image);
        const { deployment } = (await stack.exportStack()) as {
            deployment: { resources?: unknown[] };
        };
        assert.deepEqual(deployment.resources ?? [], []);
        await closeDevStack();
    });
});

/** The images that the stack's pods run, out of the platform's own registry. */
async function listDeployedImages(kubeConfig: KubeConfig): Promise<string[]> {
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    // A pod that ends may run an image that a newer one has replaced, and that is gone by right.
    const staying = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const images = staying.flatMap(({ spec }) =>
        [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ image }) => image!),
    );
    return [...new Set(images)].filter((image) => /^localhost:30500\/.*@sha256:/.test(image));
}

async function isServed(image: string): Promise<boolean> {
    const [repository, digest] = image.replace("localhost:30500/", "").split("@");
    const { status } = await fetch(`${registry}/${repository}/manifests/${digest}`, {
        method: "HEAD",
        headers: {
            accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
        },
    });
    assert.ok(status === 200 || status === 404, `${image}: ${status}`);
    return status === 200;
}
