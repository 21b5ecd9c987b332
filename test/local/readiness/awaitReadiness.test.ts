import assert from "node:assert/strict";

import { awaitReadiness } from "../../../local/readiness/awaitReadiness.ts";
import type { Awaited } from "../../../local/readiness/awaitReadiness.ts";
import { ProblemWatch } from "../../../local/readiness/problemWatch.ts";
import { failed, ready, waiting } from "../../../local/readiness/readiness.ts";
import { evidenceOf, waitingPod } from "./objects.ts";

describe("ProblemWatch", () => {
    const problem = (key: string, graceSeconds?: number) => ({
        key,
        text: key,
        brief: key,
        ...(graceSeconds !== undefined && { graceSeconds }),
    });
    const seconds = (count: number) => count * 1000;

    it("gives up when the grace period of a problem is over, and not before", () => {
        const watch = new ProblemWatch(0);
        const problems = [problem("a", 20), problem("b")];
        assert.deepEqual(watch.note(problems, seconds(5)), []);
        assert.deepEqual(watch.note(problems, seconds(15)), []);
        assert.deepEqual(watch.note(problems, seconds(24)), []);
        assert.deepEqual(watch.note(problems, seconds(25)), [problems[0]]);
        assert.deepEqual(watch.note(problems, seconds(900)), []);
    });

    it("keeps timing a problem that one poll did not show, but not one that had passed", () => {
        const watch = new ProblemWatch(0);
        const problems = [problem("a", 20)];
        watch.note(problems, seconds(0));
        watch.note([], seconds(5));
        assert.deepEqual(watch.note(problems, seconds(10)), []);
        assert.equal(watch.note(problems, seconds(21)).length, 1);
        watch.note([], seconds(40));
        assert.deepEqual(watch.note(problems, seconds(41)), []);
    });

    it("reports a problem within 30 seconds, again every 30, and a new one at once", () => {
        const watch = new ProblemWatch(0);
        const told: [number, string][] = [];
        for (let second = 0; second <= 70; second += 5) {
            const problems = second < 45 ? [problem("a")] : [problem("a"), problem("b")];
            watch.note(problems, seconds(second));
            for (const line of watch.tell(problems, seconds(second))) told.push([second, line]);
        }
        assert.deepEqual(told, [
            [10, "a"],
            [40, "a"],
            [45, "b"],
            [70, "a"],
        ]);
    });
});

describe("awaitReadiness", () => {
    const awaitedOf = (parts: Partial<Awaited>): Awaited => ({
        what: "Deployment 'mcp/server'",
        look: () => Promise.resolve(waiting("0 of 1 pods are available")),
        gather: () => Promise.resolve(evidenceOf(waitingPod("ContainerCreating"))),
        limitMs: 60_000,
        tell: () => undefined,
        ...parts,
    });

    it("returns no problems when the object is ready", async () => {
        let looks = 0;
        const look = () => Promise.resolve((looks += 1) < 3 ? waiting("soon") : ready);
        assert.deepEqual(await awaitReadiness(awaitedOf({ look })), []);
        assert.equal(looks, 3);
    });

    it("ends long before its limit when a problem cannot resolve by itself", async () => {
        const gather = () => Promise.resolve(evidenceOf(waitingPod("InvalidImageName", "'A b'")));
        const started = Date.now();
        assert.deepEqual(await awaitReadiness(awaitedOf({ gather })), [
            "Deployment 'mcp/server' is not ready (it does not become so by itself): 0 of 1 pods are available",
            "pod 'server-1', container 'main': InvalidImageName: 'A b'; correct the name of the image",
        ]);
        assert.ok(Date.now() - started < 5000);
    });

    it("shows the pod and its reason without cutting them", async () => {
        const shown: string[] = [];
        const pod = waitingPod("ErrImagePull", `localhost:30500/${"a".repeat(200)}: not found`);
        await awaitReadiness(
            awaitedOf({
                gather: () => Promise.resolve(evidenceOf(pod)),
                limitMs: 2500,
                progress: (text) => shown.push(text),
            }),
        );
        assert.deepEqual(shown, [
            "0 of 1 pods are available; pod 'server-1', container 'main': ErrImagePull",
        ]);
    });

    it("reports at its limit what was missing, even if the pods cannot be read", async () => {
        const gather = () => Promise.reject(new Error("forbidden"));
        assert.deepEqual(await awaitReadiness(awaitedOf({ gather, limitMs: 0 })), [
            "Deployment 'mcp/server' is not ready (after 0 s): 0 of 1 pods are available",
        ]);
    });

    it("ends at once when it is cancelled, and when the object has failed", async () => {
        const signal = AbortSignal.timeout(200);
        const [cancelled] = await awaitReadiness(awaitedOf({ signal }));
        assert.match(cancelled ?? "", /is not ready \(cancelled\)/);
        const look = () => Promise.resolve(failed("it was deleted"));
        const [gone] = await awaitReadiness(awaitedOf({ look }));
        assert.match(gone ?? "", /is not ready \(failed\): it was deleted/);
    });
});
