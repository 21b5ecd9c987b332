import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { useExistingCluster } from "../../local/existingCluster.ts";
import { npmRun } from "./npmRun.ts";

/** Runs after the stack of the embedded platform is gone: both want the same port of the one cluster there is. */
describe("--context", function () {
    this.timeout(15 * 60_000);
    let context: string;

    before(() => {
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromDefault();
        context = kubeConfig.getCurrentContext();
    });

    it("deploys to the named cluster, and starts nothing of the embedded platform", async () => {
        const { code, output } = await npmRun("up", "--", "--context", context);
        try {
            assert.equal(code, 0, output);
            assert.match(output, /nothing of the embedded platform is started/);
            assert.doesNotMatch(output, /Kubernetes control plane|Docker engine|✔ Keycloak/);
            assert.match(output, /^✔ add-numbers {2}https:\/\/localhost:30443\/add-numbers\/mcp /m);
        } finally {
            const down = await npmRun("down", "--", "--context", context);
            assert.equal(down.code, 0, down.output);
        }
    });

    it("refuses a context that does not exist, and names those that do", async () => {
        await assert.rejects(useExistingCluster("nowhere"), {
            message: new RegExp(`'${context}'.*got 'nowhere'`),
        });
    });
});
