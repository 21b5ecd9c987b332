import { parseArgs } from "node:util";

import { bars, type FigureName } from "./bars.ts";

/** What one run of the bench does. */
export interface BenchOptions {
    /** Figures to measure. */
    figures: FigureName[];
    /** How often what takes less than minutes is measured; medians are over them. */
    rounds: number;
}

const names = Object.keys(bars) as FigureName[];

/** What `--help` says. */
export const usage = `usage: npm run bench -- platform [options]

  --only A,B         these figures: ${names.slice(0, 4).join(", ")},
                     ${names.slice(4).join(", ")}
  --rounds N         rounds of what takes less than minutes (default 3)

Brings the embedded platform and the dev stack up first, as 'npm run up' does. Writes bench/results/platform.json: figures
that were not measured are kept where the file has them from the same sources on the same machine, else dropped.
`;

/** Reads the bench's own options; gives problems where they cannot be read. */
export function readBenchOptions(args: string[]): BenchOptions | { problem: string } {
    try {
        const { values } = parseArgs({
            args,
            options: {
                only: { type: "string", default: "" },
                rounds: { type: "string", default: "3" },
                help: { type: "boolean", default: false },
            },
        });
        if (values.help) return { problem: usage };
        const rounds = Number(values.rounds);
        if (!/^[1-9]\d*$/.test(values.rounds)) {
            return { problem: `--rounds: must be a whole number from 1, got '${values.rounds}'` };
        }
        const only = values.only.split(",").filter((name) => name !== "");
        const unknown = only.filter((name) => !(name in bars));
        if (unknown.length > 0) {
            const got = unknown.map((name) => `'${name}'`).join(", ");
            return { problem: `--only: must be of ${names.join(", ")}, got ${got}` };
        }
        return {
            figures: names.filter((name) => only.length === 0 || only.includes(name)),
            rounds,
        };
    } catch (error) {
        return { problem: (error as Error).message };
    }
}
