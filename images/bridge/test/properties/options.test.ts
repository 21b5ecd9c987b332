import assert from "node:assert/strict";
import fc from "fast-check";
import { optionTable } from "../../src/options/bridgeOptions.ts";
import { parseList, parseMap, parseNumber } from "../../src/options/parseValue.ts";
import { readOptions } from "../../src/options/readOptions.ts";
import { text } from "./arbitraries.ts";

/** What can stand between commas. */
const entry = fc
    .oneof(text, fc.string())
    .map((value) => value.replaceAll(",", "").trim())
    .filter((value) => value !== "");
const name = entry.map((value) => value.replaceAll("=", "").trim()).filter((value) => value !== "");
const options = Object.values(optionTable).map(({ flag, variable }) => ({ flag, variable }));
const option = fc.constantFrom(...options);
const flag = option.map(({ flag }) => flag);

describe("options", () => {
    it("that are lists give their entries back, with any space around them", () => {
        const spaces = fc.constantFrom("", " ", "\t", " \n");
        fc.assert(
            fc.property(fc.array(fc.tuple(entry, spaces)), (entries) => {
                const written = entries.map(([value, space]) => space + value + space).join(",,");
                assert.deepEqual(parseList(written), { value: entries.map(([value]) => value) });
            }),
        );
    });

    it("that are maps give their values back, whatever is in them", () => {
        fc.assert(
            fc.property(fc.array(fc.tuple(name, entry)), (pairs) => {
                const written = pairs.map(([key, value]) => `${key}=${value}`).join(",");
                const parsed = parseMap(written);
                assert.ok("value" in parsed);
                assert.deepEqual(parsed.value, Object.fromEntries(pairs));
            }),
        );
    });

    it("that are numbers are whole and in their bounds, or are refused with what was given", () => {
        fc.assert(
            fc.property(
                fc.oneof(text, fc.integer().map(String), fc.double().map(String)),
                fc.nat(),
                (written, max) => {
                    const parsed = parseNumber(written, 5, max);
                    if ("problem" in parsed) {
                        assert.ok(parsed.problem.includes(`'${written}'`));
                    } else if (written !== "") {
                        assert.ok(Number.isInteger(parsed.value));
                        assert.ok(parsed.value >= 0 && parsed.value <= max);
                        assert.equal(parsed.value, Number(written));
                    }
                },
            ),
        );
    });

    it("never fail to be read: they are good, or it is said what is not", () => {
        const argument = fc.oneof(
            text,
            flag.map((name) => `--${name}`),
            fc.tuple(flag, text).map(([name, value]) => `--${name}=${value}`),
        );
        fc.assert(
            fc.property(fc.array(argument), fc.array(text), (own, command) => {
                const read = readOptions([...own, "--", ...command], {});
                if (typeof read === "object" && "problems" in read) {
                    assert.ok(read.problems.length > 0);
                } else if (read !== "help" && !own.includes("--")) {
                    assert.deepEqual(read.command, command);
                }
            }),
        );
    });

    it("are taken from their flag before their variable", () => {
        fc.assert(
            fc.property(option, entry, entry, ({ flag, variable }, given, other) => {
                const read = (args: string[], environment: NodeJS.ProcessEnv) =>
                    readOptions([...args, "--", "server"], environment);
                const byFlag = read([`--${flag}=${given}`], { [variable]: other });
                assert.deepEqual(byFlag, read([`--${flag}=${given}`], {}));
                const byVariable = read([], { [variable]: given });
                assert.deepEqual(byVariable, byFlag);
            }),
        );
    });
});
