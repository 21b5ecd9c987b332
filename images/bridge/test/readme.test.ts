import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { optionTable } from "../src/options/bridgeOptions.ts";

describe("the README", () => {
    const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");

    for (const { flag, variable } of Object.values(optionTable)) {
        it(`has a row for --${flag}`, () => {
            assert.ok(text.includes(`\`--${flag}\`, \`${variable}\``));
        });
    }
});
