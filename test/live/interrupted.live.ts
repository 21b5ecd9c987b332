import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";

import { run as runProgram } from "../../local/cluster/run.ts";
import { projectRoot } from "../../local/stack.ts";
import { listRemains, removeDeadRuns } from "../testRun/remains.ts";
import { findRunName, listLocks, testRun } from "../testRun/testRun.ts";
import { eventually } from "./cluster.ts";

/** Runs that these tests did not begin, this one among them. */
const others = new Set<string>();

/** Each test is a run of its own beside this one. */
describe("a run of live suites", function () {
    this.timeout(10 * 60_000);

    before(async () => {
        for (const name of await listLocks()) others.add(name);
    });

    it("leaves nothing when a suite fails", async () => {
        const run = start();
        const name = await run.deploys();
        assert.equal(await run.ended, 1, run.output());
        assert.deepEqual(await listRemains(name), []);
        assert.match(run.output(), /^2 passed, 1 failed$/m);
    });

    it("leaves nothing when Ctrl-C ends it while it deploys", async () => {
        const run = start();
        const name = await run.deploys();
        // A terminal signals everything that runs in it.
        process.kill(-run.group, "SIGINT");
        assert.equal(await run.ended, 130, run.output());
        assert.deepEqual(await listRemains(name), []);
        assert.match(run.output(), /^✔ nothing is left of what the tests made/m);
        assert.match(run.output(), /^✔ what was deployed before is as it was/m);
    });

    it("leaves nothing when it is told to end", async () => {
        const run = start();
        const name = await run.deploys();
        await setTimeout(15_000);
        process.kill(run.group, "SIGTERM");
        assert.equal(await run.ended, 143, run.output());
        assert.deepEqual(await listRemains(name), []);
    });

    it("that was killed is removed by the next one, which leaves living ones alone", async () => {
        const run = start();
        const name = await run.deploys();
        await killTree(run.group);
        await run.ended;
        const own = await listRemains(testRun().name);
        assert.ok((await listRemains(name)).length >= 3);
        assert.deepEqual(await removeDeadRuns(), [name]);
        assert.deepEqual(await listRemains(name), []);
        assert.deepEqual(await listRemains(testRun().name), own);
    });
});

/** Starts `npm test` for a suite that deploys and then fails. */
function start() {
    const child = spawn("npm", ["test", "--", "test/live/fixtures/failing.live.ts"], {
        cwd: projectRoot,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
    });
    // It is no part of this program's group, and must not outlive it.
    const stop = () => {
        child.kill("SIGTERM");
        process.exit(1);
    };
    process.once("SIGTERM", stop);
    child.on("exit", () => process.off("SIGTERM", stop));
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
            printed += text;
            process.stdout.write(text);
        });
    }
    // When the command is over for its caller: npm, which a signal ends too, must not be before what it runs.
    const ended = new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
    });
    return { group: child.pid!, ended, output: () => printed, deploys: waitForDeployment };
}

/** Kills a process and all that it started, at once, as a machine's end does. */
async function killTree(root: number): Promise<void> {
    const lines = (await runProgram("ps", ["-eo", "pid=,ppid="])).trim().split("\n");
    const parents = lines.map((line) => line.trim().split(/\s+/).map(Number));
    const tree = [root];
    for (const pid of tree) {
        tree.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child!));
    }
    await runProgram("kill", ["-KILL", ...tree.map(String)]);
}

/** The name of a run of these tests that has begun to deploy: it has pods. */
function waitForDeployment(): Promise<string> {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    const core = kubeConfig.makeApiClient(CoreV1Api);
    return eventually("pods of another run", 300, async () => {
        const { items } = await core.listPodForAllNamespaces();
        const names = items.map(({ metadata }) => findRunName(metadata?.namespace ?? ""));
        return names.find((name) => name !== undefined && !others.has(name));
    });
}
