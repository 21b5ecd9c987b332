import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { bars, type FigureName, resultFile } from "../../bench/gateway1000/bars.ts";
import { type Figure, meetsBar } from "../../bench/figures.ts";

/** Nothing is timed here: what is checked is the committed result of `npm run bench -- gateway1000`. */
describe("bench/results/gateway1000.json", () => {
    const { ratios } = JSON.parse(readFileSync(resultFile, "utf8")) as {
        ratios: Record<FigureName, number>;
    };

    for (const name of Object.keys(bars) as FigureName[]) {
        const { bar, meaning, unmet }: Figure = bars[name];
        const held = unmet?.held ?? bar;
        it(`has ${name} within ${JSON.stringify(held)}: ${unmet?.because ?? meaning}`, () => {
            assert.ok(meetsBar(ratios[name], held), `got ${ratios[name]}`);
            if (unmet !== undefined) assert.ok(!meetsBar(ratios[name], bar), "meets its bar");
        });
    }
});
