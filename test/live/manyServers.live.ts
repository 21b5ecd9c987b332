import { AppsV1Api, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { ServerDeployment, ServerNamespace } from "../../components/index.ts";
import { openProviderStack } from "../providers/providerStack.ts";
import type { ProviderStack } from "../providers/providerStack.ts";
import { testRun } from "../testRun/testRun.ts";
import { smallServer } from "./smallServer.ts";

const servers = 40;
/** Fewer than servers whose Services could take every one of the engine's turns. */
const parallel = 2;

describe(`${servers} servers added at once, ${parallel} operations at a time`, function () {
    this.timeout(420_000);
    const namespace = `${testRun().name}-many`;
    let opened: ProviderStack;

    before(async () => {
        const { KUBECONFIG = "" } = process.env;
        const environment = { KUBECONFIG };
        opened = await openProviderStack(["kubernetes"], { environment, official: true });
    });

    after(async () => {
        await opened.stack.destroy();
        await opened.close();
    });

    it("all come up: none waits for pods whose Deployment has no turn", async () => {
        opened.use(() => {
            const place = new ServerNamespace("place", { namespace, protect: false });
            for (let index = 0; index < servers; index += 1) {
                new ServerDeployment(`server-${index}`, smallServer(place.namespace));
            }
            return Promise.resolve();
        });
        const { summary } = await opened.stack.up({ parallel });
        assert.equal(summary.result, "succeeded");
        const config = new KubeConfig();
        config.loadFromDefault();
        const apps = config.makeApiClient(AppsV1Api);
        const { items } = await apps.listNamespacedDeployment({ namespace });
        assert.deepEqual(
            items.map(({ status }) => status?.availableReplicas),
            Array.from({ length: servers }, () => 1),
        );
    });
});
