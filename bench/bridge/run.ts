import { writeFileSync } from "node:fs";
import type { ResultRow } from "../figures.ts";
import { bars } from "./bars.ts";
import { prepareBridges, type Unavailable } from "./bridges.ts";
import type { Bridge } from "./bridge.ts";
import { cells, type Cell } from "./cells.ts";
import { pinThisProcess } from "./cores.ts";
import { drawPicture } from "./drawPicture.ts";
import { pictureFile, resultFile } from "./files.ts";
import { lifeSteps, measureLife } from "./life/measureLife.ts";
import { LoadGenerator } from "./loadGenerator.ts";
import { measureRound, type FailedCell, type Measurement } from "./measureRound.ts";
import { buildCellRows } from "./medians.ts";
import { measureOwn } from "./own/measureOwn.ts";
import { readBenchOptions, type BenchOptions } from "./options.ts";
import { printFigures, printRows } from "../printResult.ts";
import { buildCellRatios, buildLifeFigures } from "./ratios.ts";
import { buildResult } from "./result.ts";
import { soak } from "./soak/soak.ts";
import { bridgesInTurn } from "./turns.ts";

/** Runs the bench of the bridge; gives its exit code. */
export async function run(args: string[]): Promise<number> {
    const options = readBenchOptions(args);
    if ("problem" in options) {
        console.error(options.problem);
        return 2;
    }
    pinThisProcess();
    if (options.soak) return soak(options);

    const { bridges, missing } = await prepareBridges(options);
    const generator = new LoadGenerator();
    try {
        const measurements = await measureRounds(bridges, options, generator);
        const cellRows = buildCellRows(measurements);
        const lifeRows: ResultRow[] = [];
        const steps = chooseSteps(options);
        for (const bridge of steps.length > 0 ? bridges : []) {
            if (bridge.whole !== false) lifeRows.push(await measureLife(bridge, steps, generator));
        }
        return report(options, bridges, missing, cellRows, lifeRows, {
            ...buildCellRatios(measurements),
            ...buildLifeFigures(lifeRows),
        });
    } finally {
        generator.end();
    }
}

async function measureRounds(
    bridges: Bridge[],
    options: BenchOptions,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    const measurements: (Measurement | FailedCell)[] = [];
    const chosen = chooseCells(options);
    const measuresOwn = chooseOwn(options);
    for (let round = 1; (chosen.length > 0 || measuresOwn) && round <= options.rounds; round += 1) {
        const inTurn = bridgesInTurn(bridges, round);
        measurements.push(...(await measureRound(inTurn, chosen, round, generator)));
        measurements.push(...(await measureOwnOf(bridges, options, round, generator)));
    }
    return measurements;
}

/** What only our bridge has. */
async function measureOwnOf(
    bridges: Bridge[],
    options: BenchOptions,
    round: number,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    const own = bridges.find(({ name }) => name === "slipway");
    return own === undefined || !chooseOwn(options) ? [] : measureOwn(own, round, generator);
}

/** Prints what was measured and, where that was everything, keeps it. */
function report(
    options: BenchOptions,
    bridges: Bridge[],
    missing: Unavailable[],
    cellRows: ResultRow[],
    lifeRows: ResultRow[],
    ratios: ReturnType<typeof buildCellRatios>,
): number {
    const { quick, only, cells: names, steps } = options;
    const whole = !quick && only.length + names.length + steps.length === 0;
    for (const rows of [cellRows, lifeRows]) {
        if (rows.length > 0) printRows(rows);
        console.log("");
    }
    for (const { name, version, unavailable } of missing) {
        console.log(`${name} ${version}: not measured: ${unavailable}`);
    }
    const unmet = printFigures(bars, ratios, whole);
    if (whole || options.write) {
        const rows = [...cellRows, ...lifeRows];
        const result = buildResult(bridges, missing, options.rounds, rows, ratios);
        writeFileSync(resultFile, `${JSON.stringify(result, undefined, 4)}\n`);
        writeFileSync(pictureFile, drawPicture(result));
        console.log("written: bench/results/bridge.json and bridge.svg");
    }
    return whole && unmet > 0 ? 1 : 0;
}

function chooseCells({ cells: names, quick, steps }: BenchOptions): Cell[] {
    if (steps.length > 0 && !steps.includes("cells")) return [];
    const wanted = names.length > 0 ? names : quick ? ["legacy-1", "legacy-16"] : [];
    const chosen = cells.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    return quick ? chosen.map((cell) => ({ ...cell, ms: Math.min(cell.ms, 2000) })) : chosen;
}

function chooseOwn({ cells: names, quick, steps }: BenchOptions): boolean {
    return steps.length > 0 ? steps.includes("own") : !quick && names.length === 0;
}

function chooseSteps({ quick, cells: names, steps }: BenchOptions): string[] {
    const onlyCells = steps.length === 0 && (quick || names.length > 0);
    const all = Object.keys(lifeSteps);
    return onlyCells ? [] : all.filter((step) => steps.length === 0 || steps.includes(step));
}
