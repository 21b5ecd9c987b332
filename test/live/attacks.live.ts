import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { attackTable } from "../../verify/attacks/attackTable.ts";
import { refuseFailures, runAttacks } from "../../verify/attacks/runAttacks.ts";
import type { AttackResult } from "../../verify/attacks/runAttacks.ts";
import { chooseTarget } from "../../verify/attacks/target.ts";
import { ForeignRealm, requestShortLivedToken } from "./foreignRealm.ts";
import { testStack } from "./testStack.ts";

describe("the gateway under attack", () => {
    const realm = new ForeignRealm();
    let results: AttackResult[];
    let restarts: Record<string, number>;

    before(async function () {
        this.timeout(600_000);
        const { outputs } = await testStack();
        restarts = await countRestarts();
        const target = await chooseTarget(outputs);
        await realm.create(target.url.href);
        target.foreignToken = await realm.token();
        target.shortToken = await requestShortLivedToken(outputs, "add-numbers", 2);
        results = await runAttacks(target, attackTable, () => undefined);
    });

    after(() => realm.remove());

    for (const group of new Set(attackTable.map((attack) => attack.group))) {
        it(`refuses every attack of '${group}'`, () => {
            const ofGroup = results.filter(({ attack }) => attack.group === group);
            refuseFailures(ofGroup);
            for (const { attack, verdict, got } of ofGroup) {
                assert.notEqual(verdict, "not applicable", `${attack.name} ${got}`);
            }
        });
    }

    it("loses no pod to them", async () => {
        assert.deepEqual(await countRestarts(), restarts);
    });
});

/** Restarts of the containers of every pod of the stack, by pod. */
async function countRestarts(): Promise<Record<string, number>> {
    const { kubeConfig, name: namespace } = await testStack();
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    return Object.fromEntries(
        items.map(({ metadata, status }) => [
            metadata!.name!,
            (status?.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
        ]),
    );
}
