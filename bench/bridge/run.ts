import { bridgesInTurn } from "./turns.ts";
import { prepareBridges } from "./bridges.ts";
import { cells, type Cell } from "./cells.ts";
import { pinThisProcess } from "./cores.ts";
import { LoadGenerator } from "./loadGenerator.ts";
import { measureCells, type FailedCell, type Measurement } from "./measureCells.ts";
import { buildCellRows } from "./medians.ts";
import { readBenchOptions, type BenchOptions } from "./options.ts";
import { printFigures, printRows } from "./printResult.ts";
import { buildCellRatios } from "./ratios.ts";

/** Runs the bench of the bridge; gives its exit code. */
export async function run(args: string[]): Promise<number> {
    const options = readBenchOptions(args);
    if ("problem" in options) {
        console.error(options.problem);
        return 2;
    }
    pinThisProcess();
    const { bridges, missing } = await prepareBridges(options);
    for (const { name, version, unavailable } of missing) {
        console.log(`${name} ${version}: not measured: ${unavailable}`);
    }
    const generator = new LoadGenerator();
    try {
        const measurements: (Measurement | FailedCell)[] = [];
        for (let round = 1; round <= options.rounds; round += 1) {
            for (const bridge of bridgesInTurn(bridges, round)) {
                console.log(`round ${round} of ${options.rounds}: ${bridge.name}`);
                measurements.push(
                    ...(await measureCells(bridge, chooseCells(options), round, generator)),
                );
            }
        }
        printRows(buildCellRows(measurements));
        console.log("");
        printFigures(buildCellRatios(measurements), false);
        return 0;
    } finally {
        generator.end();
    }
}

function chooseCells({ cells: names, quick }: BenchOptions): Cell[] {
    const wanted = names.length > 0 ? names : quick ? ["legacy-1", "legacy-16"] : [];
    const chosen = cells.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    return quick ? chosen.map((cell) => ({ ...cell, ms: Math.min(cell.ms, 1500) })) : chosen;
}
