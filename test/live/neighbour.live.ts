import { AppsV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { describeChanges } from "../testRun/platformRecord.ts";
import { deleteTag, listTags } from "../testRun/registryTags.ts";
import { assertUnchanged, neighbour, recordNeighbour } from "./neighbour.ts";

/** Runs after every suite that deploys, changes or destroys a stack. */
describe("a stack that was up before the suites ran", function () {
    this.timeout(15 * 60_000);

    it("is as it was, and its servers answer", async () => {
        await assertUnchanged(await neighbour());
    });

    it("would be missed: each thing that is done to it shows in the record", async () => {
        const { checkout, record } = await neighbour();
        const { name, stacks } = checkout;
        assert.ok(record.size > 40, [...record.keys()].join("\n"));
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromDefault();
        const apps = kubeConfig.makeApiClient(AppsV1Api);
        const { items } = await apps.listNamespacedDeployment({ namespace: name });
        const deployment = items[0]!.metadata!.name!;
        await apps.patchNamespacedDeployment(
            { namespace: name, name: deployment, body: { spec: { revisionHistoryLimit: 7 } } },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
        const admin = await connectAdmin();
        const [client] = await admin.clients.find({ realm: name, clientId: "agent" });
        await admin.clients.update(
            { realm: name, id: client!.id! },
            { ...client, description: "meddled" },
        );
        await admin.clients.create({ realm: name, clientId: "stranger" });
        const [image] = await listTags((repository) => repository.startsWith(`${name}/`));
        await deleteTag(image!);
        const state = [...record.keys()].find((thing) => /\/stacks\/.*dev\.json'$/.test(thing))!;
        await appendFile(join(stacks, /'(.+)'/.exec(state)![1]!), " ");

        assert.deepEqual(
            describeChanges(record, await recordNeighbour(checkout)),
            [
                `Deployment '${name}/${deployment}' is changed`,
                `client '${name}/agent' is changed`,
                `client '${name}/stranger' is new`,
                `image '${image!.repository}:${image!.tag}' is gone`,
                `${state} is changed`,
            ].sort(),
        );
    });

    it("goes, but for its images, when its reader takes it down", async () => {
        const { checkout } = await neighbour();
        const { code, output } = await checkout.npm("down");
        assert.equal(code, 0, output);
        const left = [...(await recordNeighbour(checkout)).keys()];
        // No stack takes images out of a registry: a rollout may be undone to them.
        assert.deepEqual(
            left.filter((thing) => !/^(state|image) /.test(thing)),
            [],
        );
    });
});
