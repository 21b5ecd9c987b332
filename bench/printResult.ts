import { meetsBar, type Bar, type Figure, type ResultRow } from "./figures.ts";

/** Prints rows as a table: one column a figure that any of them has. */
export function printRows(rows: ResultRow[]): void {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
        (name) => name !== "failures",
    );
    const lines = [columns, ...rows.map((row) => columns.map((column) => show(row[column])))];
    const widths = columns.map((_, index) =>
        Math.max(...lines.map((line) => Math.min(line[index]?.length ?? 0, 60))),
    );
    for (const line of lines) {
        console.log(
            line
                .map((text, index) => text.padEnd(widths[index] ?? 0))
                .join("  ")
                .trimEnd(),
        );
    }
}

/** Prints the figures beside their bars; gives how many are not met or missing. */
export function printFigures<Name extends string>(
    bars: Record<Name, Figure>,
    ratios: Partial<Record<Name, number>>,
    all: boolean,
): number {
    let unmet = 0;
    for (const name of Object.keys(bars) as Name[]) {
        const value = ratios[name];
        if (value === undefined && !all) continue;
        const { bar, meaning } = bars[name];
        const met = value !== undefined && meetsBar(value, bar);
        if (!met) unmet += 1;
        const shown = value === undefined ? "not measured" : String(value);
        console.log(
            `${met ? "pass" : "FAIL"}  ${name.padEnd(26)}${shown.padEnd(14)}${showBar(bar).padEnd(8)}${meaning}`,
        );
    }
    return unmet;
}

function showBar(bar: Bar): string {
    return "atMost" in bar ? `≤ ${bar.atMost}` : `≥ ${bar.atLeast}`;
}

function show(value: unknown): string {
    if (value === undefined) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
}
