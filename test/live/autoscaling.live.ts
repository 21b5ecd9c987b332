import assert from "node:assert/strict";

import { eventually, listReadyPods, readAutoscaler } from "./cluster.ts";
import { testStack } from "./testStack.ts";
import { startLightLoad } from "./lightLoad.ts";

describe("the autoscaler of 'add-numbers'", function () {
    this.timeout(600_000);

    it("reports real metrics of CPU and memory", async () => {
        const { kubeConfig } = await testStack();
        await eventually("current metrics", 120, async () => {
            const { status } = await readAutoscaler(kubeConfig, "add-numbers");
            const read = (status?.currentMetrics ?? []).filter(
                ({ resource }) => Number(resource?.current.averageValue?.length) > 0,
            );
            return (
                read
                    .map(({ resource }) => resource?.name)
                    .sort()
                    .join() === "cpu,memory"
            );
        });
    });

    it("scales out under load, and in again without losing a call", async () => {
        const { kubeConfig, outputs, token } = await testStack();
        const url = outputs.endpoints["add-numbers"]!;
        const accessToken = await token("agent");
        const { spec } = await readAutoscaler(kubeConfig, "add-numbers");
        const least = spec?.minReplicas ?? 1;
        const heavy = startLightLoad(url, accessToken, { connections: 8, pauseMs: 0 });
        try {
            await eventually(`more than ${least} ready pods`, 240, async () => {
                return (await listReadyPods(kubeConfig, "add-numbers")).length > least;
            });
        } finally {
            const { calls, failures } = await heavy.stop();
            assert.deepEqual(failures.slice(0, 5), [], `of ${calls} calls`);
        }
        const light = startLightLoad(url, accessToken, { connections: 1, pauseMs: 500 });
        try {
            await eventually(`${least} ready pods again`, 300, async () => {
                return (await listReadyPods(kubeConfig, "add-numbers")).length === least;
            });
        } finally {
            assert.deepEqual((await light.stop()).failures, []);
        }
    });
});
