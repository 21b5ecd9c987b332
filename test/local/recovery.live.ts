import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import { TestMachine } from "./testMachine.ts";

/** Minutes: the first start fills a registry, and later ones start Keycloak anew. */
const patience = 10 * 60_000;

describe("the embedded platform recovers with its data", function () {
    this.timeout(patience);
    let machine: TestMachine;

    before(async () => {
        machine = await TestMachine.boot();
        await runKeepsake("put");
    });

    after(() => machine.remove());

    afterEach(async function () {
        // On failure the machine goes, and its logs with it.
        if (this.currentTest?.state !== "failed") return;
        console.error(await machine.run("sh", "-c", "ps axo pid,ppid,stat,args | cut -c1-150"));
    });

    for (const victim of ["daemon", "supervisor"] as const) {
        it(`after the ${victim} of every service was killed, one after the other`, async () => {
            for (const service of await listServices()) {
                const pid = await findProcess(service, victim);
                await machine.run("kill", "-KILL", String(pid));
                await machine.platform("ensurePlatform");
                const heirs = await waitFor(`one ${service}`, 20, async () => {
                    const daemons = await listDaemons(service);
                    return daemons.length === 1 && daemons;
                });
                assert.notDeepEqual(heirs, [pid], `${service} was not killed`);
            }
            await runKeepsake("check");
        });
    }

    it("after every process but the first was killed at once", async () => {
        const node = await readNode();
        await machine.run("nsenter", "-t", String(node), "-p", "-m", "--", "kill", "-KILL", "-1");
        await runKeepsake("check");
        assert.equal(await readNode(), node);
    });

    it("after its first process was killed, and with it all others", async () => {
        const node = await readNode();
        await machine.run("kill", "-KILL", String(node));
        await runKeepsake("check");
        assert.notEqual(await readNode(), node);
    });

    it("after a reboot that left sockets, service directories and process ids behind", async () => {
        await machine.reboot();
        // The id is taken again: by the machine's own first process.
        await machine.writeRun("slipway/node.json", JSON.stringify({ pid: 1, started: "1/1" }));
        await machine.run("test", "-S", "/run/slipway/containerd.sock");
        const lock = join(machine.state, "lock");
        await writeFile(lock, "1 another-boot/1");
        await runKeepsake("check");
    });

    it("with two runs at once, of which one waits", async () => {
        await machine.run("kill", "-KILL", String(await readNode()));
        const outputs = await Promise.all([
            machine.platform("ensurePlatform"),
            machine.platform("ensurePlatform"),
        ]);
        assert.equal(outputs.filter((text) => /works on it, waiting/.test(text)).length, 1);
        await runKeepsake("check");
    });

    function runKeepsake(action: "put" | "check"): Promise<string> {
        const program = join(import.meta.dirname, "keepsake.ts");
        return machine.run(process.execPath, program, action);
    }

    async function readNode(): Promise<number> {
        const text = await machine.run("cat", "/run/slipway/node.json");
        return (JSON.parse(text) as { pid: number }).pid;
    }

    async function listServices(): Promise<string[]> {
        const names = (await machine.run("ls", "/run/slipway/services")).trim().split("\n");
        assert.ok(names.length >= 9, `services: ${names.join(", ")}`);
        return names;
    }

    async function findProcess(service: string, victim: "daemon" | "supervisor"): Promise<number> {
        const [pid, ...others] =
            victim === "daemon"
                ? await listDaemons(service)
                : await findPids("-xf", `s6-supervise ${service}`);
        assert.ok(pid !== undefined && others.length === 0, `${victim} of ${service}`);
        return pid;
    }

    /** Every process that was started as this service, watched or not. */
    async function listDaemons(service: string): Promise<number[]> {
        const script = await machine.run("cat", `/run/slipway/services/${service}/run`);
        const line = script.trim().split("\n").at(-1) ?? "";
        const words = [...line.matchAll(/'([^']*)'/g)].map(([, word]) => word);
        const pattern = words.join(" ").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
        return findPids("-xf", "--", pattern);
    }

    async function findPids(...args: string[]): Promise<number[]> {
        const text = await machine.run("sh", "-c", 'pgrep "$@" || true', "sh", ...args);
        return text.trim().split("\n").filter(Boolean).map(Number);
    }
});
