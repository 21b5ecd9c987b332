import { writeFileSync } from "node:fs";
import { soakFile } from "../files.ts";
import { CallFailure, McpConnection } from "../mcpConnection.ts";
import { round3 } from "../../figures.ts";
import type { BenchOptions } from "../options.ts";
import { buildBundle, ourBridge } from "../ours.ts";
import { pause } from "../pause.ts";
import { countHandles, readRssMb } from "../processUse.ts";
import { startBridge, type RunningBridge } from "../startBridge.ts";
import { Randomness } from "./randomness.ts";
import { scenarios, type Visit } from "./scenarios.ts";
import { Tally } from "./tally.ts";

/** Right answers after which the soak is over. */
const calls = 200_000;
/** Right answers between two crashes of the shared server: more crashes in so little time would be a crash loop. */
const callsBetweenCrashes = 35_000;
const clients = 24;
/** How much more memory the second half may take at most than the first, MB. */
const growthMb = 25;
/** How many more files may be open at the end than at the start. */
const moreHandles = 3;

/** Puts our bridge through a life of clients of every kind, bounded by count; gives the exit code. */
export async function soak(options: BenchOptions): Promise<number> {
    const bridge = ourBridge("slipway", options.bundle ?? buildBundle());
    const running = await startBridge(bridge, ["--session-idle-seconds", "3"]);
    try {
        await leaseOnce(running);
        const before = readState(running);
        console.log(`start: ${JSON.stringify(before)}`);
        const tally = new Tally();
        const peaks = await churn(running, tally);
        const after = await settle(running, before.servers);
        console.log(`end: ${JSON.stringify(after)}`);
        const problems = findProblems(tally, peaks, before, after);
        const result = {
            date: new Date().toISOString().slice(0, 10),
            ...tally,
            firstHalfPeakMb: round3(peaks[0]),
            secondHalfPeakMb: round3(peaks[1]),
            before,
            after,
            problems,
        };
        console.log(JSON.stringify(result, undefined, 4));
        writeFileSync(soakFile, `${JSON.stringify(result, undefined, 4)}\n`);
        console.log(problems.length === 0 ? "pass" : `FAIL  ${problems.join("\nFAIL  ")}`);
        return problems.length === 0 ? 0 : 1;
    } finally {
        await running.stop();
    }
}

/** Keeps all clients busy until enough calls were answered; gives the peak memory of each half. */
async function churn(running: RunningBridge, tally: Tally): Promise<[number, number]> {
    const peaks: [number, number] = [0, 0];
    const watch = setInterval(() => {
        const half = tally.right < calls / 2 ? 0 : 1;
        peaks[half] = Math.max(peaks[half], readRssMb([running.pid]));
    }, 250);
    const crashing = crashFrom(running, tally);
    await Promise.all(
        Array.from({ length: clients }, (_, seed) => liveAs(new Randomness(seed), running, tally)),
    );
    await crashing;
    clearInterval(watch);
    return peaks;
}

async function liveAs(random: Randomness, running: RunningBridge, tally: Tally): Promise<void> {
    while (tally.right < calls && tally.wrong.length < 20) {
        let roll = random.next() * 100;
        const scenario = scenarios.find(({ percent }) => (roll -= percent) < 0);
        if (scenario === undefined) continue;
        const visit: Visit = { target: running.target, tally, random, opened: [] };
        try {
            await scenario.act(visit);
        } catch (error) {
            if (!(error instanceof CallFailure)) throw error;
            tally.noteFailure(scenario.name, error);
        } finally {
            for (const client of visit.opened) client.close();
        }
    }
}

/** Crashes the shared server from time to time. */
async function crashFrom(running: RunningBridge, tally: Tally): Promise<void> {
    for (let next = callsBetweenCrashes; next < calls; next += callsBetweenCrashes) {
        while (tally.right < next && tally.wrong.length < 20) await pause(20);
        const client = new McpConnection(running.target);
        await client.open();
        tally.noteCrash();
        await client.call("crash", {}, "").catch(() => undefined);
        client.close();
        console.log(`${tally.right} calls: ${JSON.stringify(readState(running))}`);
    }
}

interface State {
    rssMb: number;
    servers: number;
    handles: number;
}

function readState(running: RunningBridge): State {
    const { own, servers } = running.processes();
    return {
        rssMb: round3(readRssMb(own)),
        servers: servers.length,
        handles: countHandles(running.pid),
    };
}

/** Waits until sessions have ended by themselves and what they held is gone, for a while at most. */
async function settle(running: RunningBridge, servers: number): Promise<State> {
    const deadline = performance.now() + 20_000;
    await pause(6000);
    while (running.processes().servers.length > servers && performance.now() < deadline) {
        await pause(200);
    }
    await pause(2000);
    return readState(running);
}

/** Has one process leased and given back, so that what is kept warm from then on counts as there before. */
async function leaseOnce(running: RunningBridge): Promise<void> {
    const client = new McpConnection(running.target);
    await client.open({ elicitation: {} });
    await client.call("echo", { text: "first" }, "first");
    await client.end();
    await pause(3000);
}

function findProblems(
    tally: Tally,
    [firstPeak, secondPeak]: [number, number],
    before: State,
    after: State,
): string[] {
    const problems = tally.wrong.slice(0, 5).map((text) => `wrong answer: ${text}`);
    if (tally.crashed > tally.crashes * clients) {
        problems.push(
            `crashes: at most ${tally.crashes * clients} calls may fail, got ${tally.crashed}`,
        );
    }
    if (secondPeak - firstPeak > growthMb) {
        problems.push(
            `memory: must stay flat, peaks of ${round3(firstPeak)} and ${round3(secondPeak)} MB`,
        );
    }
    if (after.servers > before.servers) {
        problems.push(`processes: must be ${before.servers} as before, got ${after.servers}`);
    }
    if (after.handles > before.handles + moreHandles) {
        problems.push(`open files: must be about ${before.handles}, got ${after.handles}`);
    }
    return problems;
}
