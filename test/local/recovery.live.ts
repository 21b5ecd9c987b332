import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import { TestMachine } from "./testMachine.ts";

/** The first start fills a registry, and later ones restart Keycloak, which takes minutes. */
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
        // The machine and its logs are deleted at the end, so print them now.
        if (this.currentTest?.state !== "failed") return;
        console.error(await machine.run("sh", "-c", "ps axo pid,ppid,stat,args | cut -c1-150"));
    });

    for (const victim of ["daemon", "supervisor"] as const) {
        it(`after the ${victim} of every service was killed, one after the other`, async () => {
            for (const service of await listServices()) {
                const supervisor = await findOne("-xf", `s6-supervise ${service}`);
                const daemon = await findOne("-P", String(supervisor));
                const command = await machine.run("ps", "-o", "args=", "-p", String(daemon));
                const killed = victim === "daemon" ? daemon : supervisor;
                await machine.run("kill", "-KILL", String(killed));
                await machine.platform("ensurePlatform");
                const heir = await waitFor(`one daemon of ${service}`, 20, async () => {
                    const running = await findProcesses(command.trim());
                    return running.length === 1 && running[0];
                });
                assert.notEqual(heir, daemon, service);
            }
            await runKeepsake("check");
        });
    }

    it("after every process but the first was killed at once", async () => {
        const node = await readNode();
        // It also kills the killing program itself.
        const kill = ["nsenter", "-t", String(node), "-p", "-m", "--", "kill", "-KILL", "-1"];
        await assert.rejects(machine.run("env", ...kill));
        await runKeepsake("check");
        assert.equal(await readNode(), node);
    });

    it("after its first process was killed, by the one of two runs that did not wait", async () => {
        const node = await readNode();
        await machine.run("kill", "-KILL", String(node));
        const outputs = await Promise.all([
            machine.platform("ensurePlatform"),
            machine.platform("ensurePlatform"),
        ]);
        assert.equal(outputs.filter((text) => text.includes("works on it, waiting")).length, 1);
        await runKeepsake("check");
        assert.notEqual(await readNode(), node);
    });

    it("after a reboot that left sockets, service directories and process ids behind", async () => {
        await machine.reboot();
        // The process id is in use again, by the machine's own first process.
        await machine.writeRun("slipway/node.json", JSON.stringify({ pid: 1, started: "1/1" }));
        await machine.run("test", "-S", "/run/slipway/containerd.sock");
        const lock = join(machine.state, "lock");
        await writeFile(lock, "1 another-boot/1");
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

    /** All processes with exactly this command line, supervised or not. */
    async function findProcesses(command: string): Promise<number[]> {
        const lines = (await machine.run("ps", "axo", "pid=,args=")).split("\n");
        return lines
            .map((line) => /^ *(\d+) (.*)$/.exec(line.trimEnd()))
            .filter((match) => match?.[2] === command)
            .map((match) => Number(match?.[1]));
    }

    async function findOne(...args: string[]): Promise<number> {
        const pids = (await machine.run("pgrep", ...args)).trim().split("\n");
        assert.equal(pids.length, 1, args.join(" "));
        return Number(pids[0]);
    }
});
