import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { TestMachine } from "./testMachine.ts";

/** Mount points that a new machine lacks. */
const libraries = ["/var/lib/cni", "/var/lib/kubelet"];

describe("removing the embedded platform", function () {
    this.timeout(10 * 60_000);
    let machine: TestMachine;
    let before: Record<string, string>;

    beforeEach(async () => {
        machine = await TestMachine.boot();
        await machine.run("rm", "-rf", ...libraries);
        before = await readTraces();
        await machine.platform("ensurePlatform");
    });

    afterEach(() => machine.remove());

    it("leaves no process, mount, interface, packet rule, control group or file of it", async () => {
        await assertPlatformShows();
        await machine.platform("removePlatform");
        assert.deepEqual(await readTraces(), before);
        assert.equal(existsSync(machine.state), false);
    });

    it("does so too when the record of its process is lost", async () => {
        await machine.run("rm", "/run/slipway/node.json");
        await machine.platform("removePlatform");
        assert.deepEqual(await readTraces(), before);
    });

    /** What a process on the machine sees that could be the platform's. */
    async function readTraces(): Promise<Record<string, string>> {
        const read = (script: string) => machine.run("sh", "-c", script);
        return {
            processes: await read(
                "ps axo stat=,comm= | grep -v ^Z | awk '{ print $2 }' | grep -vxE 'sh|ps|grep|awk|sort' | sort",
            ),
            mounts: await read("cat /proc/mounts"),
            namespaces: await read("lsns --noheadings --output TYPE,NPROCS | grep -c net"),
            interfaces: await read("ip -brief link | cut -d' ' -f1"),
            rules: await read("iptables-save | grep -- '--comment slipway' || true"),
            controlGroups: await read("find /sys/fs/cgroup -type d | sort"),
            run: await read("find /run | sort"),
            libraries: await read(`ls -d ${libraries.join(" ")} 2>&1 | sort`),
        };
    }

    /** Without this the traces would prove nothing. */
    async function assertPlatformShows(): Promise<void> {
        const now = await readTraces();
        for (const trace of Object.keys(before)) {
            if (trace === "mounts") continue; // All mounts are the node's own.
            assert.notEqual(now[trace], before[trace], `the platform shows in ${trace}`);
        }
    }
});
