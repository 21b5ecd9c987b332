import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { TestMachine } from "./testMachine.ts";

/** Mount points that a new machine lacks. */
const mountPoints = ["/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"];

describe("removing the embedded platform", function () {
    this.timeout(10 * 60_000);
    let machine: TestMachine;
    let before: Record<string, string>;

    beforeEach(async () => {
        machine = await TestMachine.boot();
        await machine.run("rm", "-rf", ...mountPoints);
        before = await readTraces();
    });

    afterEach(() => machine.remove());

    it("leaves no process, mount, interface, packet rule, control group or file of it", async () => {
        await machine.platform("ensurePlatform");
        await assertPlatformShows();
        await machine.platform("removePlatform");
        assert.deepEqual(await readTraces(), before);
        assert.equal(existsSync(machine.state), false);
    });

    it("does the same when the record of its process is lost", async () => {
        await machine.call("cluster/node.ts", "ensureNode");
        await machine.run("rm", "/run/slipway/node.json");
        await machine.platform("removePlatform");
        assert.deepEqual(await readTraces(), before);
    });

    /** Everything visible on the machine that could belong to the platform. */
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
            mountPoints: await read(`ls -d ${mountPoints.join(" ")} 2>&1 | sort`),
            home: await read("ls -d ~/.kube /usr/libexec/kubernetes 2>&1 | sort"),
        };
    }

    /** Checks that the traces show a running platform; otherwise their absence would prove nothing. */
    async function assertPlatformShows(): Promise<void> {
        const now = await readTraces();
        for (const trace of Object.keys(before)) {
            // All mounts are inside the node, and it does not use the home directory.
            if (trace === "mounts" || trace === "home") continue;
            assert.notEqual(now[trace], before[trace], `the platform shows in ${trace}`);
        }
    }
});
