import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { useExistingCluster } from "../../local/existingCluster.ts";
import { projectRoot } from "../../local/stack.ts";
import { devStack } from "./devStack.ts";

describe("--context", function () {
    this.timeout(300_000);

    it("previews against the named cluster without touching the embedded platform", async () => {
        const { kubeConfig } = await devStack();
        const { status, stdout, stderr } = spawnSync(
            "npm",
            ["run", "--silent", "preview", "--", "--context", kubeConfig.getCurrentContext()],
            { cwd: projectRoot, encoding: "utf8" },
        );
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /nothing of the embedded platform is started/);
        assert.match(stdout, /\+ .*ServerDeployment|ServerDeployment.*create/);
    });

    it("refuses a context that does not exist, and names those that do", async () => {
        const { kubeConfig } = await devStack();
        await assert.rejects(useExistingCluster("nowhere"), {
            message: new RegExp(`'${kubeConfig.getCurrentContext()}'.*got 'nowhere'`),
        });
    });
});
