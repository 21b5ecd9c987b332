import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesPattern } from "../../src/policy/toolPattern.ts";

describe("matchesPattern", () => {
    const cases: [string, string, boolean][] = [
        ["add", "add", true],
        ["add", "added", false],
        ["add", "Add", false],
        ["*", "", true],
        ["*", "anything", true],
        ["", "", true],
        ["git_*", "git_log", true],
        ["git_*", "legit_log", false],
        ["*_log", "git_log", true],
        ["a*a", "a", false],
        ["a*a", "aa", true],
        ["a*b*c", "a-b-b-c", true],
        ["a*b*c", "a-c-b", false],
        ["a.b", "axb", false],
        ["a**b", "ab", true],
    ];
    for (const [pattern, name, expected] of cases) {
        it(`${expected ? "finds" : "does not find"} '${name}' by '${pattern}'`, () => {
            assert.equal(matchesPattern(pattern, name), expected);
        });
    }

    it("says what a regular expression says", () => {
        // Few letters, so that they meet.
        const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 12 });
        fc.assert(
            fc.property(text, text, (pattern, name) => {
                const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^]*");
                assert.equal(matchesPattern(pattern, name), new RegExp(`^${source}$`).test(name));
            }),
            { numRuns: 5000 },
        );
    });

    it("finds what a pattern was made into by texts for its stars", () => {
        fc.assert(
            fc.property(fc.array(fc.string(), { minLength: 1 }), fc.string(), (parts, filling) => {
                assert.ok(matchesPattern(parts.join("*"), parts.join(filling)));
            }),
        );
    });

    it("takes no longer for a name made to be slow", () => {
        // A regular expression tries some 10^20 ways here.
        const name = "a".repeat(100_000);
        assert.equal(matchesPattern("*a*a*a*a*b", name), false);
        assert.equal(matchesPattern("*a*a*a*a*b*", name), false);
    });
});
