import assert from "node:assert/strict";
import fc from "fast-check";
import { findParamHeaderProblem } from "../../src/mcp/modern/paramHeaders.ts";
import { findHeaderProblem } from "../../src/mcp/modern/standardHeaders.ts";
import { text } from "./arbitraries.ts";

/** A value as a client puts it into a header: as it is when a header can carry it, else encoded. */
function toHeader(value: string): string {
    const plain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
    return plain && !value.startsWith("=?base64?")
        ? value
        : `=?base64?${Buffer.from(value).toString("base64")}?=`;
}

/** Text that UTF-8 can carry. */
const carried = fc.oneof(text, fc.string()).map((value) => value.toWellFormed());
const named = fc.constantFrom(
    ["tools/call", "name"] as const,
    ["prompts/get", "name"] as const,
    ["resources/read", "uri"] as const,
);
const problemOf = (method: string, member: string, value: string, name: string) =>
    findHeaderProblem({ protocolVersion: "2026-07-28", method, name }, method, { [member]: value });

const schema = {
    type: "object",
    properties: {
        region: { type: "string", "x-mcp-header": "Region" },
        at: {
            type: "object",
            properties: {
                level: { type: "integer", "x-mcp-header": "Level" },
                dry: { type: "boolean", "x-mcp-header": "Dry" },
            },
        },
    },
};

describe("headers that repeat the body", () => {
    it("name whatever can be called, read or got", () => {
        fc.assert(
            fc.property(named, carried, ([method, member], value) => {
                assert.equal(problemOf(method, member, value, toHeader(value)), undefined);
            }),
        );
    });

    it("are refused when they name something else", () => {
        fc.assert(
            fc.property(named, carried, carried, ([method, member], value, other) => {
                fc.pre(value !== other);
                assert.match(
                    String(problemOf(method, member, value, toHeader(other))),
                    /'Mcp-Name' must be/,
                );
            }),
        );
    });

    const args = fc.record({
        region: carried,
        at: fc.record({ level: fc.maxSafeInteger(), dry: fc.boolean() }),
    });
    const headersOf = ({
        region,
        at,
    }: {
        region: string;
        at: { level: number; dry: boolean };
    }) => ({
        "mcp-param-region": toHeader(region),
        "mcp-param-level": String(at.level),
        "mcp-param-dry": String(at.dry),
    });

    it("carry any arguments a tool wants in them", () => {
        fc.assert(
            fc.property(args, (given) => {
                assert.equal(findParamHeaderProblem(schema, given, headersOf(given)), undefined);
            }),
        );
    });

    it("are refused when the arguments are others", () => {
        fc.assert(
            fc.property(args, args, (given, other) => {
                const same = JSON.stringify(headersOf(given)) === JSON.stringify(headersOf(other));
                const problem = findParamHeaderProblem(schema, given, headersOf(other));
                assert.equal(problem === undefined, same);
            }),
        );
    });
});
