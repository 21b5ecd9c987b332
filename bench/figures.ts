/** What a figure must be: at most or at least a number. */
export type Bar = { atMost: number } | { atLeast: number };

/** A figure of a result: what it means, and its bar. */
export interface Figure {
    meaning: string;
    bar: Bar;
    /** What the committed result is held to while it does not meet the bar, or nothing while it is not measured; and why. */
    unmet?: { held?: Bar; because: string };
}

/** One line of a result: what was measured, in which cell, and its figures. */
export type ResultRow = Record<string, unknown> & { name: string; cell: string };

/** Whether a figure is as promised. */
export function meetsBar(value: number, bar: Bar): boolean {
    return "atMost" in bar ? value <= bar.atMost : value >= bar.atLeast;
}

/** The middle of some numbers; NaN for none. */
export function median(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    return sorted.length % 2 === 1
        ? (sorted[Math.floor(middle)] ?? NaN)
        : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Rounds to three digits that mean something; whole numbers stay whole. */
export function round3(value: number): number {
    return Number.isInteger(value) ? value : Number(value.toPrecision(3));
}
