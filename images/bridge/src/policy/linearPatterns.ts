import { RE2JS } from "re2js";
import { TooManySteps, UnsupportedPattern } from "./patternErrors.ts";

/**
 * Steps of all patterns for the arguments of one call: characters times the instructions of a pattern. At the worst 10 ns
 * each, measured, and 0.5 for most patterns; enough for four megabytes and a pattern of 25 instructions.
 */
const stepLimit = 100_000_000;

/** What JavaScript takes for space, as members of a class in RE2's spelling. */
const space =
    "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
/** What `.` means outside of classes. */
const anyButLineEnds = "[^\\n\\r\\x{2028}\\x{2029}]";

export interface LinearPattern {
    /** Whether it is found in a text. @throws {@link TooManySteps} */
    test(text: string): boolean;
    /** The pattern, by which the validator knows it. */
    toString(): string;
}

/** Patterns of JSON Schema, with an engine whose time is linear in the text: a caller chooses the text. */
export class LinearPatterns {
    private steps = 0;

    /** Begins the check of another call's arguments. */
    begin(): void {
        this.steps = 0;
    }

    /**
     * @throws SyntaxError when it is no regular expression
     * @throws {@link UnsupportedPattern}
     */
    compile(pattern: string): LinearPattern {
        assertPattern(pattern);
        const expression = this.translate(pattern);
        const size = expression.programSize();
        return {
            test: (text) => {
                this.steps += text.length * size;
                if (this.steps > stepLimit) {
                    throw new TooManySteps();
                }
                return expression.test(text);
            },
            toString: () => pattern,
        };
    }

    private translate(pattern: string): RE2JS {
        if (/\\k/.test(pattern)) {
            throw new UnsupportedPattern(pattern);
        }
        try {
            return RE2JS.compile(spellOut(RE2JS.translateRegExp(pattern)));
        } catch {
            throw new UnsupportedPattern(pattern);
        }
    }
}

/** Patterns are Unicode ones; those that are not valid as such were written for engines that are less strict. */
function assertPattern(pattern: string): void {
    try {
        new RegExp(pattern, "u");
    } catch {
        new RegExp(pattern);
    }
}

/** Spells out what means more characters in JavaScript than in RE2. */
function spellOut(expression: string): string {
    let inClass = false;
    return expression.replaceAll(/\\?./gsu, (token) => {
        if (token === "[") {
            inClass = true;
        } else if (token === "]") {
            inClass = false;
        } else if (token === "\\s") {
            return inClass ? space : `[${space}]`;
        } else if (token === "\\S" && !inClass) {
            return `[^${space}]`;
        } else if (token === "." && !inClass) {
            return anyButLineEnds;
        }
        return token;
    });
}
