import assert from "node:assert/strict";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import { TestMachine } from "./testMachine.ts";

const goOn = "fix the cause and run the same command again; finished steps are not repeated";

/** What a Deployment of one's own was told while the stand-in for kubernetes waited for it. */
interface Wait {
    problems: string[];
    told: string[];
    seconds: number;
}

describe("what is told when the embedded platform cannot come up", function () {
    this.timeout(10 * 60_000);
    let machine: TestMachine;

    before(async () => {
        machine = await TestMachine.boot();
    });

    after(() => machine.remove());

    describe("on a new machine", () => {
        it("names every port that is taken, and by what to find who has it", async () => {
            const program =
                "for (const port of [30443, 30444, 30500]) require('net').createServer().listen(port)";
            const pid = await start(`${process.execPath} -e "${program}"`);
            try {
                await waitFor("the ports", 10, async () => {
                    const listening = await machine.run("ss", "-ltnH");
                    return listening.includes(":30500 ");
                });
                const { error } = await failToComeUp();
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
            const { error } = await failToComeUp();
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
            const { error } = await failToComeUp();
            console.log(error);
            assert.match(error, /no space left on device/i);
            assert.match(
                error,
                /\nlikely repair: free space on the disks of '.*slipway' and '.*slipway'\n/,
            );
            assert.ok(error.trimEnd().endsWith(goOn), error);
            // Everything that has files open there ends with the machine.
            await machine.reboot();
            await machine.run("rm", "-rf", image, "/run/slipway");
        });
    });

    describe("when it was up before", () => {
        before(async () => {
            await machine.platform("ensurePlatform");
        });

        it("names the network plugin that is missing, within half a minute, and gives up", async () => {
            const plugins = "/usr/lib/cni";
            await inNode("-m", "mount", "-t", "tmpfs", "tmpfs", plugins);
            const pods = ["-l", "app.kubernetes.io/name=coredns"];
            // Without its plugin, the network of the old one cannot be taken down either.
            await kubectl("-n", "kube-system", "delete", "pod", ...pods, "--now", "--wait=false");
            const started = Date.now();
            const { output, error } = await failToComeUp();
            console.log(output, error, Date.now() - started);
            assert.match(
                error,
                /✖ CoreDNS and metrics-server failed after [\d.]+ s: Deployment 'kube-system\/coredns' is not ready \(it does not become so by itself\): 0 of 1 pods are available\npod 'coredns-\S+', container 'coredns': ContainerCreating; last event FailedCreatePodSandBox: .*failed to find plugin "bridge" in path \[\/usr\/lib\/cni\]; install the network plugins on the node/,
            );
            assert.match(
                output,
                /^… CoreDNS and metrics-server: pod 'coredns-\S+', .*failed to find plugin/m,
            );
            assert.ok(Date.now() - started < 60_000);
            await inNode("-m", "umount", plugins);
            await machine.platform("ensurePlatform");
        });

        it("names the image that a registry refuses, before the time for its pod is over", async () => {
            const program =
                "require('http').createServer((_, answer) => { answer.statusCode = 401; answer.end(); }).listen(5999)";
            const node = await readNode();
            const pid = await start(`nsenter -t ${node} -n ${process.execPath} -e "${program}"`);
            try {
                const wait = await awaitServer(
                    { containers: [{ name: "main", image: "localhost:5999/secret:1" }] },
                    300,
                );
                console.log(wait);
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

        it("names the memory that no node has", async () => {
            const wait = await awaitServer(sleeper({ requests: { memory: "4Ti" } }), 300);
            console.log(wait);
            assert.match(
                wait.problems[1] ?? "",
                /^pod 'awaited-\S+': Unschedulable: 0\/1 nodes are available: 1 Insufficient memory\..*; the pod requests 4194304 MiB of memory and the largest node has \d+ MiB of memory: request less, or add a larger node$/,
            );
            assert.ok(wait.seconds < 60, `${wait.seconds} s`);
        });

        it("names the memory that others have taken, and waits for it", async () => {
            const free = await kubectl(
                "get",
                "node",
                "slipway",
                "-o",
                "jsonpath={.status.allocatable.memory}",
            );
            const kibibytes = Number(free.replace("Ki", ""));
            const wait = await awaitServer(
                sleeper({ requests: { memory: `${kibibytes - 1024}Ki` } }),
                25,
            );
            console.log(wait);
            assert.match(wait.problems[0] ?? "", /is not ready \(after 25 s\)/);
            assert.match(
                wait.problems[1] ?? "",
                /Insufficient memory\..*; stop other pods, lower what they request, or add a node$/,
            );
            assert.deepEqual(wait.told, wait.problems.slice(1));
        });

        it("names the command that an image lacks", async () => {
            const wait = await awaitServer(sleeper({}, ["/serve"]), 300);
            console.log(wait);
            assert.match(
                wait.problems[1] ?? "",
                /\/serve.*no such file or directory.*; correct the command of the container, or the image$/,
            );
            assert.ok(wait.seconds < 60, `${wait.seconds} s`);
        });

        it("names the image whose data in the registry are damaged", async () => {
            const blobs = join(machine.state, "platform/registry/docker/registry/v2/blobs/sha256");
            await machine.run(
                "sh",
                "-c",
                `cp -a ${blobs} ${blobs}.kept; find ${blobs} -name data -size +1000k | while read -r file; do printf damaged >"$file"; done`,
            );
            const wait = await awaitServer(
                { containers: [{ name: "main", image: "nginx:1.31.3" }] },
                300,
            );
            console.log(wait);
            assert.match(wait.problems[1] ?? "", /the registry's copy of the image is damaged/);
            await machine.run("sh", "-c", `rm -rf ${blobs}; mv ${blobs}.kept ${blobs}`);
        });

        it("names the database of Keycloak that is damaged", async () => {
            const data = join(machine.state, "platform/keycloak/data/h2");
            await damage(
                data,
                `for file in ${data}/*.mv.db; do head -c 100000 /dev/urandom >"$file"; done`,
            );
            const started = Date.now();
            const { output, error } = await failToComeUp();
            console.log(output, error, Date.now() - started);
            assert.match(
                error,
                /✖ Keycloak failed after [\d.]+ s: Deployment 'keycloak\/keycloak' is not ready \(it does not become so by itself\)/,
            );
            assert.match(error, /its database is damaged: put back a copy of its data/);
            await restore(data);
        });

        it("names the data of etcd that are damaged", async () => {
            const data = join(machine.state, "platform/etcd");
            await damage(
                data,
                `for file in ${data}/member/wal/*.wal; do printf damaged | dd of="$file" bs=1 seek=500 conv=notrunc; done`,
            );
            const started = Date.now();
            const { output, error } = await failToComeUp();
            console.log(output, error, Date.now() - started);
            assert.match(
                error,
                /✖ Kubernetes control plane failed after [\d.]+ s: etcd ended 5 times at its start/,
            );
            assert.match(error, /likely repair: the data of etcd are damaged/);
            await restore(data);
        });

        it("comes up again when all that was mended", async () => {
            await machine.platform("ensurePlatform");
        });
    });

    /** Tries to bring the platform up; gives what was printed and what was wrong. */
    async function failToComeUp(): Promise<{ output: string; error: string }> {
        return machine.platform("ensurePlatform").then(
            () => assert.fail("it came up"),
            ({ stdout, stderr }: { stdout: string; stderr: string }) => ({
                output: stdout,
                error: stderr,
            }),
        );
    }

    /** Starts a program that goes on; gives its process id. */
    async function start(command: string): Promise<string> {
        return (await machine.run("sh", "-c", `${command} >/dev/null 2>&1 & echo $!`)).trim();
    }

    async function readNode(): Promise<number> {
        const text = await machine.run("cat", "/run/slipway/node.json");
        return (JSON.parse(text) as { pid: number }).pid;
    }

    async function inNode(...args: string[]): Promise<string> {
        return machine.run("nsenter", "-t", String(await readNode()), ...args);
    }

    function kubectl(...args: string[]): Promise<string> {
        const platform = join(machine.state, "platform");
        return machine.run(
            join(platform, "bin/kubectl"),
            "--kubeconfig",
            join(platform, "kubeconfigs/admin"),
            ...args,
        );
    }

    async function awaitServer(pod: object, seconds: number): Promise<Wait> {
        const program = join(import.meta.dirname, "awaitServer.ts");
        const args = [
            JSON.stringify({ terminationGracePeriodSeconds: 1, ...pod }),
            String(seconds),
        ];
        return JSON.parse(await machine.run(process.execPath, program, ...args)) as Wait;
    }

    function sleeper(resources: object, command?: string[]): object {
        const image = "slipway.local/pause:3.10";
        const container = { name: "main", image, imagePullPolicy: "Never", resources };
        return { containers: [{ ...container, ...(command && { command }) }] };
    }

    /** Ends the node as a power cut would, keeps a copy of a directory and damages it. */
    async function damage(directory: string, script: string): Promise<void> {
        await machine.run("kill", "-KILL", String(await readNode()));
        await machine.run("sh", "-c", `cp -a ${directory} ${directory}.kept\n${script}`);
    }

    async function restore(directory: string): Promise<void> {
        await machine.run("kill", "-KILL", String(await readNode()));
        await machine.run("sh", "-c", `rm -rf ${directory}; mv ${directory}.kept ${directory}`);
    }
});
