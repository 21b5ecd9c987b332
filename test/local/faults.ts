import assert from "node:assert/strict";
import { join } from "node:path";

import { waitFor } from "../../local/cluster/run.ts";
import type { TestMachine } from "./testMachine.ts";

/** What a Deployment of one's own was told while the stand-in for kubernetes waited for it. */
export interface Wait {
    problems: string[];
    told: string[];
    seconds: number;
}

/** Tries to bring the platform up; gives what was printed and what was wrong. */
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

/** Starts a program that goes on; gives its process id. */
export async function start(machine: TestMachine, command: string): Promise<string> {
    return (await machine.run("sh", "-c", `${command} >/dev/null 2>&1 & echo $!`)).trim();
}

/** The id of the node's first process. */
export async function readNode(machine: TestMachine): Promise<number> {
    const text = await machine.run("cat", "/run/slipway/node.json");
    return (JSON.parse(text) as { pid: number }).pid;
}

/** Runs a program in namespaces of the node: the first arguments name them as `nsenter` takes them. */
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

/** Makes a Deployment of such a pod and waits for it so long. */
export async function awaitServer(
    machine: TestMachine,
    pod: object,
    seconds: number,
): Promise<Wait> {
    const program = join(import.meta.dirname, "awaitServer.ts");
    const args = [JSON.stringify({ terminationGracePeriodSeconds: 1, ...pod }), String(seconds)];
    return JSON.parse(await machine.run(process.execPath, program, ...args)) as Wait;
}

/** A pod of an image that is there and does nothing. */
export function sleeper(resources: object, command?: string[]): object {
    const image = "slipway.local/pause:3.10";
    const container = { name: "main", image, imagePullPolicy: "Never", resources };
    return { containers: [{ ...container, ...(command && { command }) }] };
}

/** Damages a directory of the state while the platform is down; afterwards puts back what was there. */
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

/** Ends every process of the platform at once, as a power cut does. */
async function killNode(machine: TestMachine): Promise<void> {
    const pid = String(await readNode(machine));
    await machine.run("kill", "-KILL", pid).catch(() => undefined);
    await waitFor("the end of the node", 30, async () => {
        return !(await machine.run("ls", "/proc")).split("\n").includes(pid);
    });
}
