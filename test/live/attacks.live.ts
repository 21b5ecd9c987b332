import assert from "node:assert/strict";

import { attackTable } from "../../verify/attacks/attackTable.ts";
import { refuseFailures, runAttacks } from "../../verify/attacks/runAttacks.ts";
import type { AttackResult } from "../../verify/attacks/runAttacks.ts";
import { chooseTarget } from "../../verify/attacks/target.ts";
import { listReadyPods } from "./cluster.ts";
import { ForeignRealm, requestShortLivedToken } from "./foreignRealm.ts";
import { testStack } from "./testStack.ts";

describe("the gateway under attack", () => {
    const realm = new ForeignRealm();
    let results: AttackResult[];

    before(async function () {
        this.timeout(600_000);
        const { outputs } = await testStack();
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
        const { outputs, kubeConfig } = await testStack();
        for (const server of ["gateway", ...Object.keys(outputs.endpoints)]) {
            const pods = await listReadyPods(kubeConfig, server);
            const restarts = pods.flatMap(({ status }) =>
                (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount),
            );
            assert.deepEqual([...new Set(restarts)], [0], server);
        }
    });
});
