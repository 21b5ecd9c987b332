import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { projectRoot } from "../../local/stack.ts";
import { BareMachine } from "../../test/local/bareMachine.ts";
import { TestMachine } from "../../test/local/testMachine.ts";
import { devServers } from "../../test/support/devServers.ts";
import { median, round3, type ResultRow } from "../figures.ts";

/** Seconds from nothing but the build cache to a platform that is ready, on a machine of its own; median. */
export function measureReadyWarm(rounds: number): Promise<ResultRow> {
    return timed("ready", "warm", rounds, () =>
        onMachine(
            () => TestMachine.boot(),
            (machine) => time(() => machine.platform("ensurePlatform")),
        ),
    );
}

/** Seconds of `npm run up` on this machine when the stack is as the checkout wants it; median. */
export async function measureNoop(rounds: number): Promise<ResultRow> {
    checkVerified(await runUp());
    return timed("up", "nothing changed", rounds, async () => {
        let printed = "";
        const seconds = await time(async () => void (printed = await runUp()));
        checkVerified(printed);
        const summary = /^(.*) in \d+ s$/m.exec(printed)?.[1] ?? "none";
        if (!/^\d+ unchanged$/.test(summary)) {
            throw new Error(`second 'npm run up': must change nothing, got '${summary}'`);
        }
        return seconds;
    });
}

/** Seconds of the README's first command on a bare Debian with nothing built and nothing downloaded; once. */
export function measureCold(): Promise<ResultRow> {
    return timed("up", "cold", 1, () =>
        onMachine(
            () => BareMachine.boot({ caches: "empty" }),
            async (machine) => {
                let ran = { code: null as number | null, output: "" };
                const seconds = await time(async () => void (ran = await machine.npm("run", "up")));
                if (ran.code !== 0) throw new Error(`'npm run up' ended with code ${ran.code}`);
                checkVerified(ran.output);
                return seconds;
            },
        ),
    );
}

/** Boots a machine, uses it and removes it. */
async function onMachine<M extends TestMachine>(
    boot: () => Promise<M>,
    use: (machine: M) => Promise<number>,
): Promise<number> {
    const machine = await boot();
    try {
        return await use(machine);
    } finally {
        await machine.remove();
    }
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
    const missing = Object.keys(devServers).filter(
        (server) => !printed.includes(`✔ ${server}  https://`),
    );
    if (missing.length === 0) return;
    throw new Error(
        `'npm run up': must verify ${missing.join(" and ")}, ended with:\n${lastLines(printed)}`,
    );
}
