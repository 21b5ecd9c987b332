import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { bars } from "../../bench/platform/bars.ts";
import { resultFile } from "../../bench/platform/files.ts";
import { readBenchOptions } from "../../bench/platform/options.ts";
import { buildResult, type BenchResult, type Measured } from "../../bench/platform/result.ts";
import { itMeetsBars } from "./itMeetsBars.ts";

describe("bench/results/platform.json", () => {
    const read = () => JSON.parse(readFileSync(resultFile, "utf8")) as BenchResult;

    itMeetsBars(resultFile, bars);

    it("has previews of whole stacks, each server with everything it needs", () => {
        const previews = read().rows.filter(({ name }) => name === "preview");
        assert.deepEqual(
            previews.map(({ cell }) => cell),
            ["10 servers", "50 servers", "1000 servers"],
        );
        for (const { cell, resources } of previews) {
            assert.ok(Number(resources) >= Number.parseInt(cell) * 9, cell);
        }
    });
});

describe("buildResult", () => {
    const row = (cell: string, seconds: number) => ({ name: "preview", cell, seconds });
    const first: Measured = {
        rows: [row("10 servers", 1), row("50 servers", 5)],
        ratios: { previewPerServer50Vs10: 1, upNoopS: 20 },
    };
    const second: Measured = { rows: [row("50 servers", 6)], ratios: { upNoopS: 10 } };
    const earlier = buildResult(first, {}, "sources");

    it("keeps what was measured earlier of the same sources on the same machine", () => {
        const { rows, ratios } = buildResult(second, {}, "sources", earlier);
        assert.deepEqual(rows, [row("10 servers", 1), row("50 servers", 6)]);
        assert.deepEqual(ratios, { previewPerServer50Vs10: 1, upNoopS: 10 });
    });

    const others: Record<string, BenchResult> = {
        "other sources": { ...earlier, sources: "others" },
        "another machine": { ...earlier, machine: { ...earlier.machine, kernel: "1.0" } },
    };
    for (const [what, other] of Object.entries(others)) {
        it(`drops what was measured of ${what}`, () => {
            const { rows, ratios } = buildResult(second, {}, "sources", other);
            assert.deepEqual([rows, ratios], [second.rows, second.ratios]);
        });
    }
});

describe("options of the platform's bench", () => {
    it("name every figure when nothing is chosen", () => {
        assert.deepEqual(readBenchOptions([]), { figures: Object.keys(bars), rounds: 3 });
    });

    it("choose figures in the order of the result", () => {
        assert.deepEqual(readBenchOptions(["--only", "rssMb1000,upNoopS", "--rounds", "1"]), {
            figures: ["upNoopS", "rssMb1000"],
            rounds: 1,
        });
    });

    for (const [args, problem] of [
        [["--only", "upWarmS"], /^--only: must be of readyWarmS, .*, got 'upWarmS'$/],
        [["--rounds", "0"], /^--rounds: must be a whole number from 1, got '0'$/],
        [["--quick"], /'--quick'/],
    ] as const) {
        it(`refuse '${args.join(" ")}'`, () => {
            const read = readBenchOptions([...args]);
            assert.match("problem" in read ? read.problem : "", problem);
        });
    }
});
