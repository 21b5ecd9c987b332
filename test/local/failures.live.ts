import assert from "node:assert/strict";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import {
    awaitServer,
    damaged,
    failToComeUp,
    inNode,
    kubectl,
    readNode,
    sleeper,
    start,
} from "./faults.ts";
import { TestMachine } from "./testMachine.ts";

const goOn = "fix the cause and run the same command again; finished steps are not repeated";

describe("the error when the embedded platform cannot start", function () {
    this.timeout(10 * 60_000);
    let machine: TestMachine;

    before(async () => {
        machine = await TestMachine.boot();
    });

    after(() => machine.remove());

    describe("on a new machine", () => {
        it("names every port in use, and the command that finds its owner", async () => {
            const program =
                "for (const port of [30443, 30444, 30500]) require('net').createServer().listen(port)";
            const pid = await start(machine, `${process.execPath} -e "${program}"`);
            try {
                await waitFor("the ports", 10, async () => {
                    const listening = await machine.run("ss", "-ltnH");
                    return listening.includes(":30500 ");
                });
                const { error } = await failToComeUp(machine);
                const uses = { gateway: 30443, keycloak: 30444, registry: 30500 };
                for (const [use, port] of Object.entries(uses)) {
                    const problem = `- port ${port} of 127.0.0.1 must be free for the ${use}, and something listens there; stop it ('ss -ltnp' names it)`;
                    assert.ok(error.includes(problem), error);
                }
                assert.ok(error.trimEnd().endsWith(goOn), error);
            } finally {
                await machine.run("kill", "-KILL", pid);
            }
        });

        it("names the clock and the certificate that is not valid yet", async () => {
            const credentials = join(import.meta.dirname, "../../local/cluster/credentials.ts");
            const ahead = `
                const { now } = Date;
                const real = Date;
                globalThis.Date = class extends real {
                    constructor(...args) { super(...(args.length > 0 ? args : [Date.now()])); }
                    static now() { return now() + 3 * 3_600_000; }
                };
                const { ensureCredentials } = await import(${JSON.stringify(credentials)});
                await ensureCredentials();
            `;
            await machine.run(process.execPath, "--input-type=module", "--eval", ahead);
            const { error } = await failToComeUp(machine);
            assert.match(
                error,
                /✖ certificates and kubeconfigs failed after [\d.]+ s: certificate '.*\/cluster\.crt': is valid from \S+Z on, and this machine's clock says \S+Z; set the clock/,
            );
            assert.ok(error.trimEnd().endsWith(goOn), error);
            await machine.run("rm", "-rf", join(machine.state, "platform/certificates"));
        });

        it("names the full disk", async () => {
            await machine.platform("removePlatform");
            const image = join(machine.state, "../disk");
            await machine.run("sh", "-c", `truncate -s 150M ${image} && mkfs.ext4 -qF ${image}`);
            await machine.run("mkdir", "-p", machine.state);
            await machine.run("mount", "-o", "loop", image, machine.state);
            const { error } = await failToComeUp(machine);
            assert.match(error, /no space left on device/i);
            assert.match(
                error,
                /\nlikely repair: free space on the disks of '.*slipway' and '.*slipway'\n/,
            );
            assert.ok(error.trimEnd().endsWith(goOn), error);
            // All processes with open files there end with the machine.
            await machine.reboot();
            await machine.run("rm", "-rf", image, "/run/slipway");
        });
    });

    describe("that ran before", () => {
        before(async () => {
            await machine.platform("ensurePlatform");
        });

        it("names the missing network plugin within half a minute, and gives up", async () => {
            const plugins = "/usr/lib/cni";
            await inNode(machine, "-m", "mount", "-t", "tmpfs", "tmpfs", plugins);
            try {
                const pods = ["-l", "app.kubernetes.io/name=coredns"];
                // Without the plugin, the network of the old pod cannot be removed either.
                await kubectl(
                    machine,
                    "-n",
                    "kube-system",
                    "delete",
                    "pod",
                    ...pods,
                    "--wait=false",
                );
                const { output, error } = await failToComeUp(machine);
                const reason =
                    "pod 'coredns-\\S+', container 'coredns': ContainerCreating; last event FailedCreatePodSandBox: " +
                    '.*failed to find plugin "\\w+" in path \\[/usr/lib/cni\\]; install the network plugins on the node';
                const [, seconds, told] =
                    /^✖ CoreDNS and metrics-server failed after ([\d.]+) s: (.*\n.*)/.exec(error) ??
                    [];
                assert.match(
                    told ?? "",
                    new RegExp(
                        `^Deployment 'kube-system/coredns' is not ready \\(it does not become so by itself\\): .*\n${reason}`,
                    ),
                );
                assert.match(output, new RegExp(`^… CoreDNS and metrics-server: ${reason}`, "m"));
                assert.ok(Number(seconds) < 60, `${seconds} s`);
                assert.ok(error.trimEnd().endsWith(goOn), error);
            } finally {
                await inNode(machine, "-m", "umount", plugins);
            }
            await machine.platform("ensurePlatform");
        });

        it("names the image that a registry refuses before the time limit of its pod", async () => {
            const program =
                "require('http').createServer((_, answer) => { answer.statusCode = 401; answer.end(); }).listen(5999)";
            const node = await readNode(machine);
            const pid = await start(
                machine,
                `nsenter -t ${node} -n ${process.execPath} -e "${program}"`,
            );
            try {
                const wait = await awaitServer(
                    machine,
                    { containers: [{ name: "main", image: "localhost:5999/secret:1" }] },
                    300,
                );
                assert.match(
                    wait.problems[0] ?? "",
                    /^Deployment 'default\/awaited' is not ready \(it does not become so by itself\)/,
                );
                assert.match(
                    wait.problems[1] ?? "",
                    /^pod 'awaited-\S+', container 'main': (ErrImagePull|ImagePullBackOff): .*401 Unauthorized.*; give the pod a pull Secret/,
                );
                assert.ok(wait.seconds < 120, `${wait.seconds} s`);
                assert.match(
                    wait.told[0] ?? "",
                    /container 'main': (ErrImagePull|ImagePullBackOff)/,
                );
            } finally {
                await machine.run("kill", "-KILL", pid);
            }
        });

        it("names a memory request that exceeds every node", async () => {
            const wait = await awaitServer(machine, sleeper({ requests: { memory: "4Ti" } }), 300);
            assert.match(
                wait.problems[1] ?? "",
                /^pod 'awaited-\S+': Unschedulable: 0\/1 nodes are available: 1 Insufficient memory\..*; the pod requests 4194304 MiB of memory and the largest node has \d+ MiB of memory: request less, or add a larger node$/,
            );
            assert.ok(wait.seconds < 60, `${wait.seconds} s`);
        });

        it("names a memory request that exceeds the free memory, and waits", async () => {
            const free = await kubectl(
                machine,
                "get",
                "node",
                "slipway",
                "-o",
                "jsonpath={.status.allocatable.memory}",
            );
            const kibibytes = Number(free.replace("Ki", ""));
            const wait = await awaitServer(
                machine,
                sleeper({ requests: { memory: `${kibibytes - 1024}Ki` } }),
                25,
            );
            assert.match(wait.problems[0] ?? "", /is not ready \(after 25 s\)/);
            assert.match(
                wait.problems[1] ?? "",
                /Insufficient memory\..*; stop other pods, lower what they request, or add a node$/,
            );
            assert.deepEqual(wait.told, wait.problems.slice(1));
        });

        it("names a command that the image lacks", async () => {
            const wait = await awaitServer(machine, sleeper({}, ["/serve"]), 300);
            assert.match(
                wait.problems[1] ?? "",
                /\/serve.*no such file or directory.*; correct the command of the container, or the image$/,
            );
            assert.ok(wait.seconds < 60, `${wait.seconds} s`);
        });

        it("names an image with damaged data in the registry", async () => {
            const blobs = "platform/registry/docker/registry/v2/blobs/sha256";
            const layers = `find ${join(machine.state, blobs)} -name data -size +1000k`;
            const script = `${layers} | while read -r file; do printf damaged >"$file"; done`;
            await damaged(machine, blobs, script, async () => {
                await machine.platform("ensurePlatform");
                const container = { name: "main", image: "nginx:1.31.3" };
                const wait = await awaitServer(machine, { containers: [container] }, 300);
                assert.match(
                    wait.problems[1] ?? "",
                    /the registry's copy of the image is damaged: push the image again$/,
                );
                assert.ok(wait.seconds < 150, `${wait.seconds} s`);
            });
        });

        it("names a base image with a damaged manifest in the registry", async () => {
            const blobs = "platform/registry/docker/registry/v2/blobs/sha256";
            const small = `find ${join(machine.state, blobs)} -name data -size -20k`;
            const script = `${small} | while read -r file; do printf damaged >"$file"; done`;
            await damaged(machine, blobs, script, async () => {
                const { error } = await failToComeUp(machine);
                assert.match(
                    error,
                    /✖ base images in the registry failed after [\d.]+ s: registry: image '\S+' is damaged: /,
                );
                assert.match(error, /^likely repair: the data of the registry are damaged: /m);
                assert.ok(error.trimEnd().endsWith(goOn), error);
            });
        });

        it("names Keycloak's damaged database", async () => {
            const data = "platform/keycloak/data/h2";
            const files = join(machine.state, data, "*.mv.db");
            const script = `for file in ${files}; do head -c 100000 /dev/urandom >"$file"; done`;
            await damaged(machine, data, script, async () => {
                const { error } = await failToComeUp(machine);
                assert.match(
                    error,
                    /^✖ Keycloak failed after [\d.]+ s: Deployment 'keycloak\/keycloak' is not ready \(it does not become so by itself\): .*\npod 'keycloak-\S+', container 'keycloak': .*; its database is damaged: put back a copy of its data/,
                );
                assert.ok(error.trimEnd().endsWith(goOn), error);
            });
        });

        it("names etcd's damaged data", async () => {
            const data = "platform/etcd";
            const files = join(machine.state, data, "member/wal/*.wal");
            const write = `printf damaged | dd of="$file" bs=1 seek=500 conv=notrunc`;
            await damaged(machine, data, `for file in ${files}; do ${write}; done`, async () => {
                const { error } = await failToComeUp(machine);
                assert.match(
                    error,
                    /✖ Kubernetes control plane failed after [\d.]+ s: etcd ended 5 times at its start\nits log /,
                );
                assert.match(error, /^likely repair: the data of etcd are damaged: /m);
                assert.ok(error.trimEnd().endsWith(goOn), error);
            });
        });

        it("does not occur any more when all causes are fixed", async () => {
            await machine.platform("ensurePlatform");
        });
    });
});
