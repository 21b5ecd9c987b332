import assert from "node:assert/strict";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import type { TestMachine } from "./testMachine.ts";

/** Result of waiting for a Deployment as the stand-in for kubernetes does. */
export interface Wait {
    problems: string[];
    told: string[];
    seconds: number;
}

/** Starts the platform, which must fail. Returns its output and its error. */
export async function failToComeUp(
    machine: TestMachine,
): Promise<{ output: string; error: string }> {
    return machine.platform("ensurePlatform").then(
        () => assert.fail("it came up"),
        ({ stdout, stderr }: { stdout: string; stderr: string }) => ({
            output: stdout,
            error: stderr,
        }),
    );
}

/** Starts a program in the background. Returns its process id. */
export async function start(machine: TestMachine, command: string): Promise<string> {
    return (await machine.run("sh", "-c", `${command} >/dev/null 2>&1 & echo $!`)).trim();
}

/** Process id of the node's first process. */
export async function readNode(machine: TestMachine): Promise<number> {
    const text = await machine.run("cat", "/run/slipway/node.json");
    return (JSON.parse(text) as { pid: number }).pid;
}

/** Runs a program in namespaces of the node, which the first arguments select as options of `nsenter`. */
export async function inNode(machine: TestMachine, ...args: string[]): Promise<string> {
    return machine.run("nsenter", "-t", String(await readNode(machine)), ...args);
}

/** Runs kubectl as the cluster's administrator. */
export function kubectl(machine: TestMachine, ...args: string[]): Promise<string> {
    const platform = join(machine.state, "platform");
    return machine.run(
        join(platform, "bin/kubectl"),
        "--kubeconfig",
        join(platform, "kubeconfigs/admin"),
        ...args,
    );
}

/** Creates a Deployment of a pod and waits for it, up to a limit in seconds. */
export async function awaitServer(
    machine: TestMachine,
    pod: object,
    seconds: number,
): Promise<Wait> {
    const program = join(import.meta.dirname, "awaitServer.ts");
    const args = [JSON.stringify({ terminationGracePeriodSeconds: 1, ...pod }), String(seconds)];
    return JSON.parse(await machine.run(process.execPath, program, ...args)) as Wait;
}

/** A pod of an available image that does nothing. */
export function sleeper(resources: object, command?: string[]): object {
    const image = "slipway.local/pause:3.10";
    const container = { name: "main", image, imagePullPolicy: "Never", resources };
    return { containers: [{ ...container, ...(command && { command }) }] };
}

/** Damages a directory of the state while the platform is down, and restores it afterwards. */
export async function damaged(
    machine: TestMachine,
    place: string,
    script: string,
    body: () => Promise<void>,
): Promise<void> {
    const directory = join(machine.state, place);
    await killNode(machine);
    await machine.run("sh", "-c", `cp -a ${directory} ${directory}.kept\n${script}`);
    try {
        await body();
    } finally {
        await killNode(machine);
        await machine.run("sh", "-c", `rm -rf ${directory}; mv ${directory}.kept ${directory}`);
    }
}

/** Kills all processes of the platform at once, like a power cut. */
async function killNode(machine: TestMachine): Promise<void> {
    const pid = String(await readNode(machine));
    await machine.run("kill", "-KILL", pid).catch(() => undefined);
    await waitFor("the end of the node", 30, async () => {
        return !(await machine.run("ls", "/proc")).split("\n").includes(pid);
    });
}
