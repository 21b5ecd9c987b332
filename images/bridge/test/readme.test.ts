import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { optionTable } from "../src/options/bridgeOptions.ts";

describe("the README", () => {
    const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");

    for (const { flag, variable, help } of Object.values(optionTable)) {
        it(`has a row for --${flag} that says what its help says`, () => {
            const cells = text
                .split("\n")
                .map((line) =>
                    line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()),
                )
                .find(([first]) => first === `\`--${flag}\`, \`${variable}\``);
            const [, meaning = "", fallback = ""] = cells ?? assert.fail("has no row");
            const said = fallback === "" ? meaning : `${meaning} (default ${fallback})`;
            assert.equal(said, help);
        });
    }
});
