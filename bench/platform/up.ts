import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { projectRoot } from "../../local/stack.ts";
import { TestMachine } from "../../test/local/testMachine.ts";
import { median, round3, type ResultRow } from "../figures.ts";
import { bootColdMachine } from "./coldMachine.ts";

/** Every server of the dev stack, as `npm run up` names it when it was called. */
const servers = ["add-numbers", "fetch"];

/** Seconds from nothing but the build cache to a platform that is ready, on a machine of its own; median. */
export async function measureReadyWarm(rounds: number): Promise<ResultRow> {
    return timed("ready", "warm", rounds, async () => {
        const machine = await TestMachine.boot();
        try {
            return await time(() => machine.platform("ensurePlatform"));
        } finally {
            await machine.remove();
        }
    });
}

/** Seconds of `npm run up` on this machine when the stack is as the checkout wants it; median. */
export async function measureNoop(rounds: number): Promise<ResultRow> {
    checkVerified(await runUp());
    return timed("up", "nothing changed", rounds, async () => {
        let printed = "";
        const seconds = await time(async () => void (printed = await runUp()));
        checkVerified(printed);
        const summary = /^Resources:\n((?: +\S.*\n)+)/m.exec(printed)?.[1]?.trim() ?? "none";
        if (!/^\d+ unchanged$/.test(summary)) {
            throw new Error(`second 'npm run up': must change nothing, got '${summary}'`);
        }
        return seconds;
    });
}

/** Seconds of the README's first command on a bare Debian with nothing built and nothing downloaded; once. */
export async function measureCold(): Promise<ResultRow> {
    return timed("up", "cold", 1, async () => {
        const machine = await bootColdMachine();
        try {
            await machine.run("git", "clone", "-q", "/mnt/slipway.git", "slipway");
            let printed = "";
            const command = "cd slipway && npm run up 2>&1";
            const seconds = await time(async () => {
                printed = await withOutput(machine.run("sh", "-c", command));
            });
            checkVerified(printed);
            return seconds;
        } finally {
            await machine.remove();
        }
    });
}

async function timed(
    name: string,
    cell: string,
    rounds: number,
    measure: () => Promise<number>,
): Promise<ResultRow> {
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
        seconds.push(await measure());
        console.log(`${name}, ${cell}: ${seconds.at(-1)?.toFixed(1)} s`);
    }
    return { name, cell, rounds, seconds: round3(median(seconds)) };
}

async function time(work: () => Promise<unknown>): Promise<number> {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
}

async function runUp(): Promise<string> {
    const options = { cwd: projectRoot, maxBuffer: 64 << 20 };
    return withOutput(promisify(execFile)("npm", ["run", "up"], options).then((ran) => ran.stdout));
}

/** Lets the error of a program that failed end with the last lines of what it printed. */
async function withOutput(ran: Promise<string>): Promise<string> {
    try {
        return await ran;
    } catch (error) {
        const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
        throw new Error(`'npm run up' failed:\n${lastLines(stdout + stderr)}`, { cause: error });
    }
}

function lastLines(printed: string): string {
    return printed.trimEnd().split("\n").slice(-25).join("\n");
}

function checkVerified(printed: string): void {
    const missing = servers.filter((server) => !printed.includes(`✔ ${server}  https://`));
    if (missing.length === 0) return;
    throw new Error(
        `'npm run up': must verify ${missing.join(" and ")}, ended with:\n${lastLines(printed)}`,
    );
}
