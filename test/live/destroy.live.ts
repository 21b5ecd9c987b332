import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { readDigest } from "../testRun/registryTags.ts";
import { findRunName } from "../testRun/testRun.ts";
import { closeTestStack, testStack } from "./testStack.ts";

describe("destroy", function () {
    this.timeout(600_000);

    it("leaves no object and no realm of the stack behind, every other realm, and the images", async () => {
        const { kubeConfig, name, stack } = await testStack();
        const images = await listDeployedImages(kubeConfig, name);
        const realms = await listRealms();
        assert.ok(images.length >= 3, images.join());
        assert.ok(realms.includes(name), realms.join());
        for (const image of images) assert.equal(await isServed(image), true, image);

        await stack.destroy();

        const core = kubeConfig.makeApiClient(CoreV1Api);
        await assert.rejects(
            core.readNamespace({ name }),
            (error) => error instanceof ApiException && error.code === 404,
        );
        const left = await listRealms();
        assert.ok(!left.includes(name), left.join());
        // Another run of the tests may create and remove its own meanwhile.
        const others = realms.filter((realm) => findRunName(realm) === undefined);
        for (const realm of others) assert.ok(left.includes(realm), realm);
        // Nothing is taken out of a registry: another stack, or a rollout that is undone, may need it.
        for (const image of images) assert.equal(await isServed(image), true, image);
        const { deployment } = (await stack.exportStack()) as {
            deployment: { resources?: unknown[] };
        };
        assert.deepEqual(deployment.resources ?? [], []);
        await closeTestStack();
    });
});

async function listRealms(): Promise<string[]> {
    const realms = await (await connectAdmin()).realms.find();
    return realms.map(({ realm }) => realm!).sort();
}

/** The images that the stack's pods run, out of the platform's own registry. */
async function listDeployedImages(kubeConfig: KubeConfig, namespace: string): Promise<string[]> {
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    const images = items.flatMap(({ spec }) =>
        [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ image }) => image!),
    );
    return [...new Set(images)].filter((image) => /^localhost:30500\/.*@sha256:/.test(image));
}

async function isServed(image: string): Promise<boolean> {
    const [repository, digest] = image.replace("localhost:30500/", "").split("@");
    return (await readDigest(repository!, digest!)) !== undefined;
}
