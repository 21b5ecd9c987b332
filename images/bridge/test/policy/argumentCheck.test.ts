import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { openArgumentCheck, type ArgumentCheck } from "../../src/policy/argumentCheck.ts";
import { isUnique } from "../../src/policy/isUnique.ts";

type LogLine = [level: string, event: string, fields?: Record<string, unknown>];

describe("the check of arguments", () => {
    let check: ArgumentCheck;
    let log: LogLine[];
    beforeEach(async () => {
        log = [];
        check = await openArgumentCheck((...line) => log.push(line));
    });

    /** What is wrong with arguments, without the part that names the tool. */
    function ask(inputSchema: unknown, args?: unknown): string | undefined {
        const problem = check.findProblem({ name: "t", inputSchema }, args);
        return problem?.message.replace("invalid arguments for tool 't': ", "");
    }
    const object = (properties: JsonObject, more: JsonObject = {}) => ({
        type: "object",
        properties,
        ...more,
    });

    it("finds nothing wrong with arguments that match", () => {
        const schema = object({ a: { type: "integer", "x-mcp-header": "A" } }, { required: ["a"] });
        assert.equal(ask(schema, { a: 1 }), undefined);
        assert.deepEqual(log, []);
    });

    it("names every place, what must hold there and the type that came, but no value", () => {
        const schema = object(
            {
                count: { type: "integer", minimum: 1 },
                mode: { enum: ["fast", "slow"] },
                version: { const: 2 },
                "a/b~c": { items: { type: ["string", "null"] } },
            },
            { required: ["url"], additionalProperties: false },
        );
        const secret = "hunter2";
        const args = {
            count: secret,
            mode: secret,
            version: secret,
            "a/b~c": [null, { secret }],
            extra: secret,
        };
        const text = ask(schema, args) ?? "";
        assert.deepEqual(text.split("; ").sort(), [
            "/a~1b~0c/1: must be string or null, got object",
            "/count: must be integer, got string",
            "/extra: must not be given, no such property is known",
            '/mode: must be one of ["fast","slow"], got another string',
            "/url: must be given",
            "/version: must be 2, got another string",
        ]);
        assert.equal(JSON.stringify([text, log]).includes(secret), false);
    });

    it("takes arguments that were left out for an empty object", () => {
        assert.equal(ask({ type: "object" }), undefined);
        assert.equal(ask({ type: "object", required: ["a"] }), "/a: must be given");
        assert.equal(ask({ type: "object" }, []), "/: must be object, got array");
    });

    it("does not change arguments", () => {
        const args = { a: "1" };
        ask(object({ a: { type: "integer" }, b: { default: 1 } }), args);
        assert.deepEqual(args, { a: "1" });
    });

    it("looks only at an object's own properties", () => {
        const schema = object({ constructor: { type: "string" } }, { required: ["toString"] });
        assert.equal(ask(schema, {}), "/toString: must be given");
    });

    const prefixed = { prefixItems: [{ type: "string" }] };
    const listed = { items: [{ type: "string" }] };
    const dialects: [string | undefined, JsonObject][] = [
        [undefined, prefixed],
        ["https://json-schema.org/draft/2020-12/schema", prefixed],
        ["https://json-schema.org/draft/2019-09/schema", listed],
        ["http://json-schema.org/draft-07/schema#", listed],
        ["http://json-schema.org/draft-07/schema", listed],
        ["http://json-schema.org/draft-06/schema#", listed],
    ];
    for (const [$schema, list] of dialects) {
        it(`understands the dialect '${$schema ?? ""}'`, () => {
            const schema = { ...($schema && { $schema }), ...object({ a: list }) };
            assert.equal(ask(schema, { a: ["x", 1] }), undefined);
            assert.equal(ask(schema, { a: [1] }), "/a/0: must be string, got number");
        });
    }

    const unusable: [string, unknown, RegExp][] = [
        ["of another dialect", { $schema: "http://json-schema.org/draft-04/schema#" }, /dialect/],
        ["that is none", { type: "strng" }, /schema is invalid/],
        ["that is missing", undefined, /must be an object/],
        ["in another document", { $ref: "https://example.org/schema" }, /can't resolve reference/],
        ["of a pattern that is none", object({ a: { pattern: "(" } }), /regular expression/i],
        [
            "that takes a dialect's name",
            { $id: "https://json-schema.org/draft/2020-12/schema" },
            /must not be a dialect's/,
        ],
    ];
    for (const [what, schema, reason] of unusable) {
        it(`refuses calls of a tool with a schema ${what}, and logs it once`, () => {
            for (let round = 0; round < 2; round++) {
                // As it is after the tools were listed again.
                const inputSchema = structuredClone(schema);
                const problem = check.findProblem({ name: "t", inputSchema }, {});
                assert.equal(problem?.kind, "schema");
                assert.match(problem.message, reason);
            }
            assert.equal(log.length, schema === undefined ? 0 : 1);
            assert.equal(ask({ type: "object" }, 1), "/: must be object, got number");
        });
    }

    it("understands references within a schema, also to itself, and equal names of two", () => {
        const tree = object({ next: { $ref: "#" }, leaf: { $ref: "#/$defs/leaf" } });
        const schema = { ...tree, $defs: { leaf: { type: "string" } } };
        assert.equal(ask(schema, { next: { next: { leaf: "x" } } }), undefined);
        assert.equal(ask(schema, { next: { leaf: 1 } }), "/next/leaf: must be string, got number");
        for (const type of ["string", "number"]) {
            const named = { $id: "https://example.org/s", ...object({ a: { type } }) };
            assert.equal(ask(named, { a: null }), `/a: must be ${type}, got null`);
        }
    });

    it("understands patterns that are not Unicode ones, and formats", () => {
        const schema = object({ a: { pattern: "^[\\w\\_]+$" }, b: { format: "date" } });
        assert.equal(ask(schema, { a: "x_y", b: "2026-07-28" }), undefined);
        assert.equal(ask(schema, { a: "x y" }), '/a: must match pattern "^[\\w\\_]+$"');
        assert.equal(ask(schema, { b: "today" }), '/b: must match format "date"');
    });

    it("leaves a pattern to the server that no linear engine has, and all else it compares", () => {
        const schema = object({
            a: { pattern: "^(?!x)", minLength: 2 },
            b: { pattern: "^y" },
        });
        assert.equal(ask(schema, { a: "xx" }), undefined);
        const text = ask(schema, { a: "x", b: "z" });
        assert.equal(
            text,
            '/a: must NOT have fewer than 2 characters; /b: must match pattern "^y"',
        );
        assert.deepEqual(log, []);
    });

    it("leaves arguments to the server whose names such a pattern chooses, and says so once", () => {
        const schema = object({ a: { type: "string" } }, { patternProperties: { "(a)\\1": {} } });
        for (let round = 0; round < 2; round++) {
            assert.equal(ask(structuredClone(schema), { a: 1 }), undefined);
        }
        assert.equal(log.length, 1);
        assert.match(JSON.stringify(log), /left to the server.*linear time/);
    });

    it("tells patterns of names apart", () => {
        const names = { "^a": { type: "string" }, "^b": { type: "number" } };
        const schema = object({}, { patternProperties: names, additionalProperties: false });
        assert.equal(ask(schema, { a1: "x", b1: 1 }), undefined);
        assert.deepEqual(ask(schema, { a1: 1, b1: "x", c: 1 })?.split("; ").sort(), [
            "/a1: must be string, got number",
            "/b1: must be number, got string",
            "/c: must not be given, no such property is known",
        ]);
    });

    it("refuses texts that are too long for a large pattern, all of a call together", () => {
        const schema = object({ a: { items: { pattern: "^([ab]{1,500}){1,2}$" } } });
        const part = "ab".repeat(400);
        assert.equal(ask(schema, { a: [part] }), undefined);
        for (const a of [["ab".repeat(100_000)], Array.from({ length: 100 }, () => part)]) {
            assert.match(ask(schema, { a }) ?? "", /must be shorter/);
        }
        assert.equal(ask(schema, { a: [part] }), undefined);
    });

    it("refuses arguments that nest deeper than it can look", () => {
        let args: JsonObject = {};
        for (let depth = 0; depth < 200_000; depth++) {
            args = { next: args };
        }
        const schema = object({ next: { $ref: "#" } });
        assert.equal(ask(schema, args), "must not be nested so deep");
    });

    it("names one problem of arguments with many values, and 20 of others", () => {
        const schema = object({ list: { items: { type: "string" } } });
        const many = Array.from({ length: 300_000 }, (_, index) => index);
        assert.equal(ask(schema, { list: many }), "/list/0: must be string, got number");
        const text = ask(schema, { list: many.slice(0, 100) }) ?? "";
        assert.equal(text.split("; ").length, 21);
        assert.match(text, /; and 80 more$/);
    });

    it("shortens places and allowed values that have no end", () => {
        const key = "k".repeat(10_000);
        const values = Array.from({ length: 1000 }, (_, index) => `value-${index}`);
        const schema = object({ a: { enum: values } }, { additionalProperties: false });
        assert.ok((ask(schema, { [key]: 1, a: 1 }) ?? "").length < 800);
    });

    it("compares items of a long list as JSON, in no more time than reading them", () => {
        const schema = object({ a: { uniqueItems: true } });
        const items = Array.from({ length: 100_000 }, (_, index) => ({ index, name: "x" }));
        assert.equal(ask(schema, { a: items }), undefined);
        items.push({ name: "x", index: 5 });
        assert.equal(ask(schema, { a: items }), "/a: must NOT have duplicate items");
    });

    it("compiles a schema that is listed again only once, and keeps no more than 1000", () => {
        for (let index = 0; index < 1100; index++) {
            ask({ type: "object", minProperties: index % 50 });
        }
        assert.equal(check.schemas, 50);
        for (let index = 0; index < 1100; index++) {
            ask({ type: "object", minProperties: index });
        }
        assert.equal(check.schemas, 1000);
    });
});

describe("isUnique", () => {
    it("finds two JSON values equal exactly when they are", () => {
        fc.assert(
            fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
                // As they come from a client: without -0 and undefined.
                const [a, b] = JSON.parse(JSON.stringify([first, second])) as [unknown, unknown];
                let equal = true;
                try {
                    assert.deepEqual(a, b);
                } catch {
                    equal = false;
                }
                assert.equal(isUnique([a, b]), !equal);
                assert.equal(isUnique([a, reverse(a)]), false);
            }),
        );
    });

    it("tells apart what looks alike", () => {
        assert.ok(isUnique([1, "1", [1], { 1: 1 }, { 1: [1] }, null, "null", "", [], {}, [[]]]));
        assert.ok(isUnique([{ a: '1","b":"2' }, { a: "1", b: "2" }]));
    });
});

/** The same value with properties in the opposite order. */
function reverse(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(reverse);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .reverse()
                  .map(([name, inner]) => [name, reverse(inner)]),
          )
        : value;
}
