import assert from "node:assert/strict";
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../local/stack.ts";
import { readDeployment } from "./cluster.ts";
import { testStack } from "./testStack.ts";
import { startLightLoad } from "./lightLoad.ts";

describe("a second up", function () {
    this.timeout(600_000);

    it("changes nothing where nothing changed", async () => {
        const { up } = await testStack();
        const { summary } = await up();
        assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
    });

    it("changes nothing after a refresh either: nothing of what was asked for drifted", async () => {
        const { stack, up } = await testStack();
        await stack.refresh();
        const { summary } = await up();
        assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
    });

    it("rolls out the one server whose sources changed, and loses no call", async () => {
        const { kubeConfig, outputs, stack, token, up } = await testStack();
        const sources = await mkdtemp(join(tmpdir(), "slipway-sources-"));
        const untouched = await readDeployment(kubeConfig, "fetch");
        const before = await readDeployment(kubeConfig, "add-numbers");
        const configured = "slipway:servers[0].source.build";
        const directory = (await stack.getConfig(configured, true)).value;
        try {
            await cp(join(projectRoot, "images/add-numbers"), sources, { recursive: true });
            await appendFile(join(sources, "add_numbers/tools.py"), "\n# changed\n");
            await stack.setConfig(configured, { value: sources }, true);
            const load = startLightLoad(outputs.endpoints["add-numbers"]!, await token("agent"));
            try {
                await up();
            } finally {
                const { calls, failures } = await load.stop();
                assert.deepEqual(failures, []);
                assert.ok(calls > 50, `${calls} calls`);
            }
            const after = await readDeployment(kubeConfig, "add-numbers");
            assert.notEqual(imageOf(after), imageOf(before));
            const { metadata } = await readDeployment(kubeConfig, "fetch");
            assert.equal(metadata?.generation, untouched.metadata?.generation);
        } finally {
            await stack.setConfig(configured, { value: directory }, true);
            await up();
            await rm(sources, { recursive: true });
        }
    });
});

function imageOf({ spec }: Awaited<ReturnType<typeof readDeployment>>): string | undefined {
    return spec?.template.spec?.containers[0]?.image;
}
