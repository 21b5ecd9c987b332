import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { useExistingCluster } from "../../local/existingCluster.ts";
import { Checkout } from "./checkout.ts";

describe("--context", function () {
    this.timeout(15 * 60_000);
    let context: string;

    before(() => {
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromDefault();
        context = kubeConfig.getCurrentContext();
    });

    it("deploys to the named cluster, and starts nothing of the embedded platform", async () => {
        const checkout = await Checkout.make("existing");
        const { code, output } = await checkout.npm("up", "--", "--context", context);
        try {
            assert.equal(code, 0, output);
            assert.match(output, /nothing of the embedded platform is started/);
            assert.doesNotMatch(output, /Kubernetes control plane|Docker engine|✔ Keycloak/);
            const url = `https://localhost:${checkout.port}/add-numbers/mcp`;
            assert.match(output, new RegExp(`^✔ add-numbers  ${url} `, "m"));
        } finally {
            const down = await checkout.npm("down", "--", "--context", context);
            assert.equal(down.code, 0, down.output);
        }
    });

    it("refuses a context that does not exist, and names those that do", async () => {
        await assert.rejects(useExistingCluster("nowhere"), {
            message: new RegExp(`'${context}'.*got 'nowhere'`),
        });
    });
});
