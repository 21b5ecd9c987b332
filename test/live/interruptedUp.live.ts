import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { testRun } from "../testRun/testRun.ts";
import { Checkout } from "./checkout.ts";

/** One deployment, interrupted three times on its way; the fourth run brings it to its end. */
describe("an update that is interrupted", function () {
    this.timeout(6 * 60_000);
    const stack = () => `${testRun().name}-cut`;
    let checkout: Checkout;

    before(async () => {
        checkout = await Checkout.make("cut");
        const config = {
            "slipway:registry": { address: `localhost:30500/${testRun().name}` },
            "slipway:servers": [
                {
                    name: "sums",
                    source: { build: "images/add-numbers" },
                    healthPath: "/health",
                    sessions: "stateless",
                    replicas: { min: 1, max: 1 },
                    resources: { requests: { cpu: "10m" } },
                },
            ],
        };
        await writeFile(join(checkout.directory, `Pulumi.${stack()}.yaml`), stringify({ config }));
    });

    after(async () => {
        const { code, output } = await checkout.npm("down", "--", "--stack", stack());
        assert.equal(code, 0, output);
    });

    it("is cancelled in the engine's way by Ctrl-C, which says so", async () => {
        // A terminal signals everything that runs in it.
        const { code, output } = await runUntil(/^\+ Realm /m, ({ group }) =>
            process.kill(-group, "SIGINT"),
        );
        assert.match(output, /^Ctrl-C: cancelling; /m);
        assert.match(output, /^pulumi up: interrupted; the state knows what was done/m);
        assert.notEqual(code, 0);
    });

    it("goes on after its command was killed", async () => {
        const { output } = await runUntil(/^\+ Client identity-agent/m, ({ group }) =>
            process.kill(-group, "SIGKILL"),
        );
        assert.doesNotMatch(output, /^✔ sums/m);
    });

    it("goes on after the engine was killed", async () => {
        // Whichever of them the killed command had not made yet.
        const parts =
            /^\+ (ConfigMap gateway-configuration|Deployment gateway-(configuration-)?pods) /m;
        const { code, output } = await runUntil(parts, () => {
            process.kill(findEngine(), "SIGKILL");
        });
        assert.match(output, /its last update was interrupted; clearing \d+ operations/);
        assert.equal(code, 1);
        assert.match(output, /^pulumi up: the engine was ended by SIGKILL; /m);
    });

    it("ends verified, and leaves nothing of what was interrupted", async () => {
        const { code, output } = await checkout.npm("up", "--", "--stack", stack());
        assert.equal(code, 0, output);
        assert.match(output, /^✔ sums {2}https:/m);
        assert.doesNotMatch(output, /pending operations/);
        const kube = new KubeConfig();
        kube.loadFromDefault();
        const place = { namespace: stack() };
        const { items: deployments } = await kube
            .makeApiClient(AppsV1Api)
            .listNamespacedDeployment(place);
        const { items: services } = await kube
            .makeApiClient(CoreV1Api)
            .listNamespacedService(place);
        const prefixes = (items: { metadata?: { name?: string } }[]) =>
            items.map(({ metadata }) => metadata?.name?.replace(/-[0-9a-f]{8}$/, "") ?? "");
        for (const names of [prefixes(deployments), prefixes(services)]) {
            assert.equal(new Set(names).size, names.length, names.join());
        }
    });

    /** Process id of the engine that works on the stack, which its lock has. */
    function findEngine(): number {
        const [lock = ""] = globSync(
            join(checkout.stacks, `embedded-${stack()}/state/.pulumi/locks/**/*.json`),
        );
        return (JSON.parse(readFileSync(lock, "utf8")) as { pid: number }).pid;
    }

    /** Runs `up`, and interrupts it once its output matches. */
    async function runUntil(pattern: RegExp, interrupt: (run: { group: number }) => void) {
        const child = spawn("npm", ["run", "up", "--", "--stack", stack()], {
            cwd: checkout.directory,
            env: { ...process.env, SLIPWAY_STACKS: checkout.stacks },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        let output = "";
        let isDone = false;
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                process.stdout.write(text);
                if (isDone || !pattern.test(output)) return;
                isDone = true;
                interrupt({ group: child.pid! });
            });
        }
        const [code] = (await once(child, "close")) as [number | null];
        assert.ok(isDone, "it ended before it was interrupted");
        return { code, output };
    }
});
