import assert from "node:assert/strict";

import { bars } from "../../bench/gateway/bars.ts";
import { readBenchOptions } from "../../bench/gateway/options.ts";
import { resultFile } from "../../bench/gateway/run.ts";
import { itMeetsBars } from "./itMeetsBars.ts";

describe("bench/results/gateway.json", () => {
    itMeetsBars(resultFile, bars);
});

describe("options of the gateway's bench", () => {
    it("are five rounds of three seconds that are written, or a short one that is printed", () => {
        assert.deepEqual(readBenchOptions([]), { rounds: 5, sliceMs: 3000, write: true });
        assert.deepEqual(readBenchOptions(["--quick"]), {
            rounds: 1,
            sliceMs: 1500,
            write: false,
        });
    });

    for (const [args, problem] of [
        [["--rounds", "0"], /^--rounds: must be a whole number from 1, got '0'$/],
        [["--fast"], /'--fast'/],
    ] as const) {
        it(`refuse '${args.join(" ")}'`, () => {
            const read = readBenchOptions([...args]);
            assert.match("problem" in read ? read.problem : "", problem);
        });
    }
});
