import assert from "node:assert/strict";
import fc from "fast-check";
import { LinearPatterns } from "../../src/policy/linearPatterns.ts";
import { UnsupportedPattern } from "../../src/policy/patternErrors.ts";

/** Patterns as schemas have them, and texts that tell them apart. */
const patterns = [
    "^[a-z0-9-]{1,63}$",
    "^[^@]+@[^@]+\\.[^@]+$",
    "^\\d{4}-\\d{2}-\\d{2}$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    "^\\s+$",
    "^\\S+$",
    "^[\\s,]+$",
    "^.$",
    "^[.]$",
    "^[^]$",
    "\\bx\\b",
    "^\\w+\\W\\w+$",
    "^\\p{L}+$",
    "^(?<year>\\d+)$",
    "a|b|^$",
    "^\\u00e4\\x41\\cA?$",
    "^https?:\\/\\/[^\\s/$.?#].[^\\s]*$",
    "^[\\[\\]s.]*$",
    "^#/(?:[^~/]|~0|~1)*$",
];

/** The pattern as JSON Schema wants it read, by an engine with backtracking. */
function native(pattern: string): RegExp {
    try {
        return new RegExp(pattern, "u");
    } catch {
        return new RegExp(pattern);
    }
}

const piece = fc.constantFrom(
    ...[
        "a",
        "b",
        "x",
        "Z",
        "0",
        "9",
        "-",
        "_",
        "@",
        ".",
        "/",
        "=",
        "+",
        "ä",
        "字",
        "𝒳",
        "\\",
        "[",
        "]",
    ],
    ...[
        " ",
        "\t",
        "\n",
        "\v",
        "\r",
        "\u00a0",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\u0001",
        "s",
        "#/",
        "~0",
    ],
    ...["2026-07-28", "a@b.c", "AAAA", "AA==", "https://x", "\u{1f600}"],
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

describe("a pattern in linear time", () => {
    for (const pattern of patterns) {
        it(`finds what JavaScript finds: ${pattern}`, () => {
            const linear = new LinearPatterns().compile(pattern);
            const expected = native(pattern);
            fc.assert(
                fc.property(text, (value) => {
                    assert.equal(linear.test(value), expected.test(value), JSON.stringify(value));
                }),
                { numRuns: 500 },
            );
        });
    }

    for (const pattern of ["(?=a)b", "(?!a)b", "(?<=a)b", "(a)\\1", "(?<n>a)\\k<n>", "a{1001}"]) {
        it(`is not to be had for ${pattern}`, () => {
            assert.throws(() => new LinearPatterns().compile(pattern), UnsupportedPattern);
        });
    }

    for (const pattern of ["(", "[", "a**", "(?<n>a)(?<n>b)"]) {
        it(`is not to be had for what is none: ${pattern}`, () => {
            assert.throws(() => new LinearPatterns().compile(pattern), SyntaxError);
        });
    }
});
