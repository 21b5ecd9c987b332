import { median, round3, type ResultRow } from "../figures.ts";
import type { FailedCell, Measurement } from "./measureRound.ts";

const figures = [
    "cpuMsPerCall",
    "p50Ms",
    "p99Ms",
    "rps",
    "notificationsPerCall",
    "generatorCpuMsPerCall",
] as const;

/** Sums the rounds up: a row a bridge and cell, in the order in which they were first measured. */
export function buildCellRows(measurements: (Measurement | FailedCell)[]): ResultRow[] {
    const groups = Map.groupBy(measurements, ({ name, cell }) => `${name} ${cell}`);
    return [...groups.values()].map((group) => {
        const { name, cell } = group[0] as Measurement;
        const good = group.filter((one): one is Measurement => !("failed" in one));
        const bad = group.filter((one): one is FailedCell => "failed" in one);
        const row: ResultRow = { name, cell };
        if (good.length > 0) {
            for (const figure of figures)
                row[figure] = round3(median(good.map((one) => one[figure])));
            row.calls = good.reduce((sum, { calls }) => sum + calls, 0);
            row.lost = good.reduce((sum, { lost }) => sum + lost, 0);
        }
        const failure =
            bad[0]?.failed ?? Object.keys(good.find((one) => one.failures)?.failures ?? {})[0];
        if (failure !== undefined) row.failure = failure;
        return row;
    });
}

/**
 * The median, over the slices of all rounds, of one figure of a bridge in a cell to that of another: what the machine does
 * to both falls out.
 */
export function medianOfRatios(
    measurements: (Measurement | FailedCell)[],
    figure: (typeof figures)[number],
    [name, cell]: [string, string],
    [otherName, otherCell]: [string, string],
    combine: (own: number, other: number) => number = (own, other) => own / other,
): number | undefined {
    const good = measurements.filter((one): one is Measurement => !("failed" in one));
    const values = good.flatMap((own) => {
        if (own.name !== name || own.cell !== cell) return [];
        const { round, slice } = own;
        const other = good.find(
            (one) =>
                one.name === otherName &&
                one.cell === otherCell &&
                one.round === round &&
                one.slice === slice,
        );
        return other === undefined ? [] : [combine(own[figure], other[figure])];
    });
    return values.length === 0 ? undefined : median(values);
}
