import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { type Figure, meetsBar } from "../../bench/figures.ts";

/**
 * Defines one test for each figure: the committed result has it within its bar. A figure that is not met yet is held to what it
 * has reached, and fails as soon as it meets its bar, so that the exception goes. Nothing is timed here.
 */
export function itMeetsBars(resultFile: string, bars: Record<string, Figure>): void {
    const read = (name: string) =>
        (JSON.parse(readFileSync(resultFile, "utf8")) as { ratios: Record<string, number> }).ratios[
            name
        ];
    for (const [name, { bar, meaning, unmet }] of Object.entries(bars)) {
        if (unmet === undefined) {
            it(`has ${name} within ${JSON.stringify(bar)}: ${meaning}`, () => {
                const value = read(name);
                assert.ok(value !== undefined, "must be there, run the bench");
                assert.ok(meetsBar(value, bar), `got ${value}`);
            });
            continue;
        }
        const { held, because } = unmet;
        const title = `has ${name} ${held === undefined ? "not yet" : `within ${JSON.stringify(held)}`}`;
        it(`${title}, and so not within ${JSON.stringify(bar)}: ${because}`, () => {
            const value = read(name);
            assert.equal(value === undefined, held === undefined, `got ${value}`);
            if (held !== undefined) assert.ok(meetsBar(value!, held), `got ${value}`);
            assert.ok(value === undefined || !meetsBar(value, bar), `${value} meets the bar`);
        });
    }
}
