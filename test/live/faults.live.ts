import { AppsV1Api, CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { eventually, listReadyPods } from "./cluster.ts";
import { testStack } from "./testStack.ts";
import { startLightLoad } from "./lightLoad.ts";
import { addNumbers, bearer, post } from "./post.ts";

describe("when something dies", function () {
    this.timeout(600_000);

    it("loses no session-less call beyond the ones in flight on the pod that was killed", async () => {
        const { kubeConfig, name: namespace, outputs, token } = await testStack();
        const before = await listReadyPods(kubeConfig, "add-numbers");
        const [pod] = before;
        const connections = 2;
        const load = startLightLoad(outputs.endpoints["add-numbers"]!, await token("agent"), {
            connections,
        });
        await load.answered(20);
        await kubeConfig.makeApiClient(CoreV1Api).deleteNamespacedPod({
            namespace,
            name: pod!.metadata!.name!,
            gracePeriodSeconds: 0,
        });
        await load.answered(100);
        await eventually("as many other pods, all ready", 120, async () => {
            const pods = await listReadyPods(kubeConfig, "add-numbers");
            const others = pods.filter(({ metadata }) => metadata?.uid !== pod!.metadata!.uid);
            return others.length >= before.length;
        });
        const { failures } = await load.stop();
        assert.ok(failures.length <= connections, failures.join("\n"));
    });

    it("still takes valid tokens while Keycloak is down, and after a restart of it", async () => {
        const { kubeConfig, outputs, token } = await testStack();
        const url = outputs.endpoints["add-numbers"]!;
        const accessToken = await token("agent");
        const load = startLightLoad(url, accessToken, { connections: 1, pauseMs: 500 });
        await scaleKeycloak(kubeConfig, 0);
        try {
            await eventually("Keycloak to be gone", 120, () =>
                token("agent").then(
                    () => false,
                    () => true,
                ),
            );
            for (let call = 0; call < 20; call += 1) {
                const { status, text } = await post(url, addNumbers, bearer(accessToken));
                assert.equal(status, 200, text);
            }
            assert.equal((await post(url, addNumbers, bearer("garbage"))).status, 401);
        } finally {
            await scaleKeycloak(kubeConfig, 1);
        }
        const renewed = await eventually("Keycloak to be back", 240, () =>
            token("agent").catch(() => undefined),
        );
        assert.equal((await post(url, addNumbers, bearer(renewed))).status, 200);
        assert.deepEqual((await load.stop()).failures, []);
    });
});

async function scaleKeycloak(kubeConfig: KubeConfig, replicas: number): Promise<void> {
    await kubeConfig
        .makeApiClient(AppsV1Api)
        .patchNamespacedDeploymentScale(
            { name: "keycloak", namespace: "keycloak", body: { spec: { replicas } } },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
}
