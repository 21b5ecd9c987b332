import { parseArgs } from "node:util";

/** What one run of the bench does. */
export interface BenchOptions {
    /** Interleaved rounds of every cell; medians are over them. */
    rounds: number;
    /** Names of the bridges to measure; empty for every one. */
    only: string[];
    /** Names of the cells to measure; empty for every one. */
    cells: string[];
    /** What to measure: `cells`, `own` (replicas and fairness of ours), and the steps of a bridge's life; empty for everything. */
    steps: string[];
    /** Two cells of 2 s instead of all, and only the figures that follow from them. */
    quick: boolean;
    /** Churn by count instead of measurements. */
    soak: boolean;
    /** A bundle to measure instead of one built from the sources. */
    bundle: string | undefined;
    /** A second bundle, measured beside ours as 'other': a change against what was before it. */
    other: string | undefined;
    /** Writes results even though something was left out. */
    write: boolean;
}

/** What `--help` says. */
export const usage = `usage: npm run bench -- bridge [options]

  --quick            c=1 and c=16 in short cells, no memory, no lifecycle; prints only
  --only A,B         these bridges: slipway, other, native, bare, supergateway, …
  --cells A,B        these cells, e.g. legacy-1,legacy-16,modern-16
  --steps A,B        of cells, own, coldStart, memory, sessions, start, stops, recovery, abandoned
  --rounds N         interleaved rounds (default 3)
  --bundle FILE      measure this bridge.cjs instead of building one
  --other FILE       measure this bundle too, as 'other'
  --soak             200,000 calls with churn instead of measurements
  --write            write bench/results/bridge.json though not everything was measured
`;

/** Reads the bench's own options; gives problems where they cannot be read. */
export function readBenchOptions(args: string[]): BenchOptions | { problem: string } {
    try {
        const { values } = parseArgs({
            args,
            options: {
                rounds: { type: "string", default: "3" },
                only: { type: "string", default: "" },
                cells: { type: "string", default: "" },
                steps: { type: "string", default: "" },
                quick: { type: "boolean", default: false },
                soak: { type: "boolean", default: false },
                bundle: { type: "string" },
                other: { type: "string" },
                write: { type: "boolean", default: false },
                help: { type: "boolean", default: false },
            },
        });
        const { rounds, only, cells, steps, quick, soak, bundle, other, write } = values;
        if (values.help) return { problem: usage };
        if (!/^[1-9]\d*$/.test(rounds)) {
            return { problem: `--rounds: must be a whole number from 1, got '${rounds}'` };
        }
        return {
            rounds: Number(rounds),
            only: list(only),
            cells: list(cells),
            steps: list(steps),
            quick,
            soak,
            bundle,
            other,
            write,
        };
    } catch (error) {
        return { problem: (error as Error).message };
    }
}

function list(text: string): string[] {
    return text.split(",").filter((entry) => entry !== "");
}
