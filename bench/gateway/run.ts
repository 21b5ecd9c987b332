import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { pinThisProcess } from "../bridge/cores.ts";
import { LoadGenerator } from "../bridge/loadGenerator.ts";
import type { Measurement } from "../bridge/measureRound.ts";
import { buildCellRows, medianOfRatios } from "../bridge/medians.ts";
import { median, round3, type ResultRow } from "../figures.ts";
import { describeMachine, type Machine } from "../machine.ts";
import { printFigures, printRows } from "../printResult.ts";
import { bars, type FigureName } from "./bars.ts";
import { measureRound, measureVerifier } from "./measure.ts";
import { readBenchOptions } from "./options.ts";
import { oauth2ProxyVersion } from "./programs.ts";
import { startWays } from "./ways.ts";

/** The committed result. */
export const resultFile = join(import.meta.dirname, "../results/gateway.json");

/** What is committed as `bench/results/gateway.json`. */
export interface BenchResult {
    /** Day of the run. */
    date: string;
    machine: Machine;
    versions: Record<string, string>;
    /** Interleaved rounds that the medians are over. */
    rounds: number;
    rows: ResultRow[];
    /** The figures that `bars.ts` has bars for. */
    ratios: Partial<Record<FigureName, number>>;
}

/** Runs the bench of the gateway; gives its exit code. */
export async function run(args: string[]): Promise<number> {
    const options = readBenchOptions(args);
    if ("problem" in options) {
        console.error(options.problem);
        return 2;
    }
    const { rounds, sliceMs, write } = options;
    pinThisProcess();
    const setup = await startWays();
    const generator = new LoadGenerator();
    const measurements: Measurement[] = [];
    const verifierTimes: number[] = [];
    try {
        for (let round = 1; round <= rounds; round += 1) {
            measurements.push(...(await measureRound(setup.ways, round, sliceMs, generator)));
            const { port, token } = setup.verifier;
            verifierTimes.push(await measureVerifier(port, token));
        }
    } finally {
        generator.end();
        await setup.stop();
    }
    const rows = buildCellRows(measurements);
    const ratios = buildRatios(measurements, verifierTimes);
    printRows(rows);
    console.log("");
    const unmet = printFigures(bars, ratios, true);
    if (write) {
        const versions = {
            node: process.version,
            nginx: "1.31.3",
            "oauth2-proxy": oauth2ProxyVersion,
        };
        const date = new Date().toISOString().slice(0, 10);
        const machine = describeMachine();
        const result: BenchResult = { date, machine, versions, rounds, rows, ratios };
        writeFileSync(resultFile, `${JSON.stringify(result, undefined, 4)}\n`);
        console.log("written: bench/results/gateway.json");
    }
    return unmet > 0 ? 1 : 0;
}

function buildRatios(measurements: Measurement[], verifierTimes: number[]): BenchResult["ratios"] {
    const cpu = (own: string, other: string) =>
        medianOfRatios(measurements, "cpuMsPerCall", [own, "16"], [other, "16"]);
    const added = medianOfRatios(
        measurements,
        "p50Ms",
        ["slipway", "1"],
        ["bare", "1"],
        (own, other) => own - other,
    );
    const figures = {
        cpuVsOauth2Proxy: cpu("slipway", "oauth2-proxy"),
        authOnVsOff: cpu("slipway", "auth-off"),
        addedP50Ms: added,
        verifierWarmP50Ms: median(verifierTimes),
    } satisfies Record<FigureName, number | undefined>;
    return Object.fromEntries(
        Object.entries(figures).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, round3(value)]],
        ),
    );
}
