import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ServerDeployment, ServerNamespace } from "../../../components/index.ts";
import { type FakeStack, openFakeStack } from "../../providers/fakeStack.ts";

/** Under the real engine, as replacements are its decision. */
describe("a registry password that rotates", function () {
    this.timeout(120_000);
    let stack: FakeStack;

    before(async () => {
        stack = await openFakeStack();
    });

    after(async () => {
        await stack.opened.stack.destroy();
        await stack.close();
    });

    async function upWith(password: string): Promise<string[]> {
        stack.opened.use(() => {
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
        const before = stack.kubernetes.applied.length;
        await stack.opened.stack.up();
        return stack.kubernetes.applied.slice(before).map(({ kind }) => kind);
    }

    it("changes the pull Secret and no pod", async () => {
        assert.ok((await upWith("first")).includes("Deployment"));
        assert.deepEqual([...new Set(await upWith("second"))], ["Secret"]);
    });
});
