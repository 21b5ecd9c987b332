import type { Bridge } from "./bridge.ts";
import type { Cell } from "./cells.ts";
import type { LoadGenerator } from "./loadGenerator.ts";
import type { Target } from "./mcpConnection.ts";
import { readCpuMs } from "./processUse.ts";
import { startBridge, type RunningBridge } from "./startBridge.ts";
import { bridgesInTurn } from "./turns.ts";

/** How one bridge did in one cell of one round. */
export interface Measurement {
    name: string;
    cell: string;
    round: number;
    /** Which part of its cell's time, from 1. */
    slice: number;
    /** CPU time of the bridge's own processes, user and system; not of the stdio server. */
    cpuMsPerCall: number;
    p50Ms: number;
    p99Ms: number;
    rps: number;
    calls: number;
    /** Calls with a wrong answer or none. */
    lost: number;
    notificationsPerCall: number;
    /** CPU time of the load generator: where it comes near 1/rps, the generator was the limit. */
    generatorCpuMsPerCall: number;
    /** What the failures were, where there were any. */
    failures?: Record<string, number>;
}

/** A cell that could not be measured. */
export interface FailedCell {
    name: string;
    cell: string;
    round: number;
    slice: number;
    failed: string;
}

/**
 * Calls before anything is measured, over many connections and then over one, so that a bridge is compiled as it would be
 * after a minute: a count, because a machine that does other things makes a second worth little; but no longer than this,
 * for those that are slow. After 8,000 calls ours still took 1.3 times what it takes after 40,000, and of 16 connections
 * it learns little for one: its first 10,000 calls over one took 1.3 times what the next took. The Rust one took the same
 * all along.
 */
const warmUps = [
    { connections: 16, calls: 40_000, ms: 10_000 },
    { connections: 1, calls: 25_000, ms: 8_000 },
];
/** How long one bridge is measured before it is another's turn, in ms: what slows the machine for seconds slows all. */
const sliceMs = 1000;
/** Part of a slice that it is loaded before it is measured. */
const sliceWarmUp = 1 / 5;

/**
 * One round: starts every bridge anew, and measures cell by cell, a second of one bridge after a second of the other, so
 * that what is compared was measured within seconds.
 */
export async function measureRound(
    bridges: Bridge[],
    cells: Cell[],
    round: number,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    const results: (Measurement | FailedCell)[] = [];
    const started = new Map<Bridge, RunningBridge | Error>();
    try {
        for (const bridge of bridges) {
            if (!cells.some((cell) => isFor(cell, bridge))) continue;
            started.set(bridge, await startWarm(bridge, generator));
        }
        for (const cell of cells) {
            console.log(`round ${round}: ${cell.name}`);
            const own = [...started].filter(([bridge]) => isFor(cell, bridge));
            for (let slice = 1; slice <= cell.ms / sliceMs; slice += 1) {
                for (const [bridge, running] of bridgesInTurn(own, slice)) {
                    const where = { name: bridge.name, cell: cell.name, round, slice };
                    results.push({ ...where, ...(await trySlice(running, cell, generator)) });
                }
            }
        }
    } finally {
        for (const running of started.values()) {
            if (!(running instanceof Error)) await running.stop();
        }
    }
    return results;
}

function isFor(cell: Cell, bridge: Bridge): boolean {
    return (bridge.cells?.includes(cell.name) ?? true) && (cell.takes?.(bridge) ?? true);
}

async function startWarm(bridge: Bridge, generator: LoadGenerator): Promise<RunningBridge | Error> {
    try {
        const running = await startBridge(bridge);
        await warm(running, generator);
        return running;
    } catch (error) {
        return error as Error;
    }
}

/** Loads a bridge until it is compiled as it would be after a minute. */
export async function warm(running: RunningBridge, generator: LoadGenerator): Promise<void> {
    try {
        for (const { connections, ...length } of warmUps) {
            await generator.open(running.target, connections);
            await generator.load({ call: { tool: "echo" }, ...length });
            await generator.close();
        }
    } catch (error) {
        await running.stop();
        throw error;
    }
}

/** What a slice came to. */
export type Figures = Omit<Measurement, keyof FailedCell>;

/** Measures one slice, or says why it could not be. */
async function trySlice(
    running: RunningBridge | Error,
    cell: Cell,
    generator: LoadGenerator,
): Promise<Figures | { failed: string }> {
    try {
        if (running instanceof Error) throw running;
        return await measureSlice(running, cell, generator);
    } catch (error) {
        return { failed: (error as Error).message };
    } finally {
        await generator.close();
    }
}

function measureSlice(
    running: RunningBridge,
    { connections, era, call }: Cell,
    generator: LoadGenerator,
): Promise<Figures> {
    return measureLoad([running], [{ ...running.target, era }], { connections, call }, generator);
}

/**
 * Measures a second of load, after a fifth of one that is not measured.
 *
 * @param bridges whose CPU time counts
 */
export async function measureLoad(
    bridges: RunningBridge[],
    targets: Target[],
    { connections, call }: Pick<Cell, "connections" | "call">,
    generator: LoadGenerator,
): Promise<Figures> {
    const readCpu = () => readCpuMs(bridges.flatMap((running) => running.processes().own));
    await generator.open(targets, connections);
    await generator.load({ call, ms: sliceMs * sliceWarmUp });
    const before = readCpu();
    const load = await generator.load({ call, ms: sliceMs });
    const cpuMs = readCpu() - before;
    const unanswered = load.lost + load.refused;
    if (load.done === 0) throw new Error(Object.keys(load.failures)[0] ?? "no answer");
    return {
        cpuMsPerCall: cpuMs / load.done,
        p50Ms: load.p50Ms,
        p99Ms: load.p99Ms,
        rps: (load.done / load.elapsedMs) * 1000,
        calls: load.done,
        lost: unanswered,
        notificationsPerCall: load.notifications / load.done,
        generatorCpuMsPerCall: load.generatorCpuMs / load.done,
        ...(unanswered > 0 ? { failures: load.failures } : {}),
    };
}
