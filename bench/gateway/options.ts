import { parseArgs } from "node:util";

/** What one run of the bench does. */
export interface BenchOptions {
    /** Interleaved rounds; medians are over their slices. */
    rounds: number;
    /** Length of one slice, in milliseconds. */
    sliceMs: number;
    /** Whether the result is written. */
    write: boolean;
}

/** What `--help` says. */
export const usage = `usage: npm run bench -- gateway [options]

  --rounds N         interleaved rounds (default 5)
  --quick            one round of short slices; prints only
`;

/** Reads the bench's own options; gives problems where they cannot be read. */
export function readBenchOptions(args: string[]): BenchOptions | { problem: string } {
    try {
        const { values } = parseArgs({
            args,
            options: {
                rounds: { type: "string", default: "5" },
                quick: { type: "boolean", default: false },
                help: { type: "boolean", default: false },
            },
        });
        const { rounds, quick, help } = values;
        if (help) return { problem: usage };
        if (!/^[1-9]\d*$/.test(rounds)) {
            return { problem: `--rounds: must be a whole number from 1, got '${rounds}'` };
        }
        return quick
            ? { rounds: 1, sliceMs: 1500, write: false }
            : { rounds: Number(rounds), sliceMs: 3000, write: true };
    } catch (error) {
        return { problem: (error as Error).message };
    }
}
