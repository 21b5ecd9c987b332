import type { FigureName } from "./bars.ts";
import type { Bridge } from "./bridge.ts";
import type { Unavailable } from "./bridges.ts";
import type { ResultRow } from "../figures.ts";
import { describeMachine, type Machine } from "../machine.ts";

/** What is committed as `bench/results/bridge.json`. */
export interface BenchResult {
    /** Day of the run. */
    date: string;
    machine: Machine;
    /** Version of each bridge, and of the Node that ran ours and those on npm. */
    versions: Record<string, string>;
    /** Interleaved rounds that the medians of cells are over. */
    rounds: number;
    rows: ResultRow[];
    /** The figures that `bars.ts` has bars for. */
    ratios: Partial<Record<FigureName, number>>;
}

/** Puts together what is committed. A bridge that could not be had has a row that says why. */
export function buildResult(
    bridges: Bridge[],
    missing: Unavailable[],
    rounds: number,
    rows: ResultRow[],
    ratios: BenchResult["ratios"],
): BenchResult {
    const versions = [...bridges, ...missing].map(({ name, version }) => [name, version] as const);
    return {
        date: new Date().toISOString().slice(0, 10),
        machine: describeMachine(),
        versions: { node: process.version, ...Object.fromEntries(versions) },
        rounds,
        rows: [
            ...rows,
            ...missing.map(({ name, unavailable }) => ({ name, cell: "none", unavailable })),
        ],
        ratios,
    };
}
