import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import fc from "fast-check";
import { findParamHeaderProblem } from "../../src/mcp/modern/paramHeaders.ts";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import { keepSource, sourceOf } from "../../src/json/sourceText.ts";
import { largeText } from "../../src/json/text.ts";

const inputSchema = {
    type: "object" as const,
    properties: {
        region: { type: "string", "x-mcp-header": "Region" },
        count: { type: "integer", "x-mcp-header": "Count" },
        dry: { type: "boolean", "x-mcp-header": "Dry-Run" },
        where: {
            type: "object",
            properties: { zone: { type: "string", "x-mcp-header": "Zone" } },
        },
        note: { type: "string" },
    },
};

const sentinel = (text: string): string => `=?base64?${Buffer.from(text).toString("base64")}?=`;

interface Case {
    args: unknown;
    headers?: Record<string, string>;
    /** What the problem says; none when left out. */
    says?: RegExp;
}

const cases: Record<string, Case> = {
    "an equal text": { args: { region: "eu" }, headers: { "mcp-param-region": "eu" } },
    "another text": {
        args: { region: "eu" },
        headers: { "mcp-param-region": "us" },
        says: /^header 'Mcp-Param-Region' must be arguments\.region of the body, got 'us'$/,
    },
    "a text in other case": {
        args: { region: "eu" },
        headers: { "mcp-param-region": "EU" },
        says: /Mcp-Param-Region/,
    },
    "a missing header": {
        args: { region: "eu" },
        says: /^header 'Mcp-Param-Region' is missing; the body has arguments\.region$/,
    },
    "a missing header of an empty text": { args: { region: "" }, says: /missing/ },
    "no argument": { args: {}, headers: { "mcp-param-region": "eu" } },
    "no arguments at all": { args: undefined, headers: { "mcp-param-region": "eu" } },
    "a null argument": { args: { region: null }, headers: { "mcp-param-region": "eu" } },
    "an undeclared argument": { args: { note: "x" } },
    "a nested argument": { args: { where: { zone: "b" } }, headers: { "mcp-param-zone": "b" } },
    "another nested argument": {
        args: { where: { zone: "b" } },
        headers: { "mcp-param-zone": "c" },
        says: /arguments\.where\.zone/,
    },
    "an encoded text": {
        args: { region: "Zürich" },
        headers: { "mcp-param-region": sentinel("Zürich") },
    },
    "an encoded text that begins with a byte order mark": {
        args: { region: "\uFEFFx" },
        headers: { "mcp-param-region": sentinel("\uFEFFx") },
    },
    "an encoded empty text": {
        args: { region: "" },
        headers: { "mcp-param-region": "=?base64??=" },
    },
    "base64 with wrong padding": {
        args: { region: "Hello" },
        headers: { "mcp-param-region": "=?base64?SGVsbG8?=" },
        says: /must be base64 of UTF-8/,
    },
    "base64 with other characters": {
        args: { region: "Hello" },
        headers: { "mcp-param-region": "=?base64?SGVs!!!bG8=?=" },
        says: /must be base64 of UTF-8/,
    },
    "base64 of what is not UTF-8": {
        args: { region: "x" },
        headers: { "mcp-param-region": "=?base64?/w==?=" },
        says: /must be base64 of UTF-8/,
    },
    "a text without the sentinel's beginning": {
        args: { region: "SGVsbG8=" },
        headers: { "mcp-param-region": "SGVsbG8=" },
    },
    "a text without the sentinel's end": {
        args: { region: "=?base64?SGVsbG8=" },
        headers: { "mcp-param-region": "=?base64?SGVsbG8=" },
    },
    "an equal number": { args: { count: 42 }, headers: { "mcp-param-count": "42" } },
    "an equal number, spelled otherwise": {
        args: { count: 42 },
        headers: { "mcp-param-count": "42.0" },
    },
    "another number": {
        args: { count: 42 },
        headers: { "mcp-param-count": "43" },
        says: /Mcp-Param-Count/,
    },
    "a number in hexadecimal": {
        args: { count: 42 },
        headers: { "mcp-param-count": "0x2a" },
        says: /Mcp-Param-Count/,
    },
    "an integer beyond what JSON carries safely": { args: { count: 2 ** 60 } },
    true: { args: { dry: true }, headers: { "mcp-param-dry-run": "true" } },
    "true, spelled otherwise": {
        args: { dry: true },
        headers: { "mcp-param-dry-run": "True" },
        says: /Mcp-Param-Dry-Run/,
    },
    "an argument of a type no header carries": { args: { region: ["eu"] } },
};

describe("findParamHeaderProblem", () => {
    for (const [name, { args, headers = {}, says }] of Object.entries(cases)) {
        it(`${says ? "refuses" : "accepts"} ${name}`, () => {
            const problem = findParamHeaderProblem(inputSchema, args, headers);
            if (says === undefined) {
                assert.equal(problem, undefined);
            } else {
                assert.match(problem ?? "none", says);
            }
        });
    }

    const declared = { type: "string", "x-mcp-header": "X" };
    const wrong: Record<string, JsonObject> = {
        "at the root": { type: "string", "x-mcp-header": "X", properties: { a: declared } },
        "below items": {
            properties: { a: declared, b: { items: { ...declared, "x-mcp-header": "Y" } } },
        },
        "below oneOf": { properties: { a: declared }, oneOf: [{ properties: { b: declared } }] },
        "in $defs": {
            properties: { a: declared },
            $defs: { b: { ...declared, "x-mcp-header": "Y" } },
        },
        "of an object": { properties: { a: declared, b: { type: "object", "x-mcp-header": "Y" } } },
        "without a type": { properties: { a: declared, b: { "x-mcp-header": "Y" } } },
        "that is no token": {
            properties: { a: declared, b: { ...declared, "x-mcp-header": "a b" } },
        },
        "that is empty": { properties: { a: declared, b: { ...declared, "x-mcp-header": "" } } },
        "that is no text": { properties: { a: declared, b: { ...declared, "x-mcp-header": 1 } } },
        "that differs by case only": {
            properties: { a: declared, b: { ...declared, "x-mcp-header": "x" } },
        },
    };
    for (const [where, schema] of Object.entries(wrong)) {
        it(`checks nothing for a tool with a declaration ${where}: no client sends its headers`, () => {
            assert.equal(findParamHeaderProblem(schema, { a: "v", b: "v" }, {}), undefined);
        });
    }

    it("checks a declaration of a number, which only servers of other minds make", () => {
        const schema = { properties: { a: { type: "number", "x-mcp-header": "A" } } };
        assert.equal(
            findParamHeaderProblem(schema, { a: 1.5 }, { "mcp-param-a": "1.50" }),
            undefined,
        );
        assert.match(findParamHeaderProblem(schema, { a: 1.5 }, {}) ?? "", /Mcp-Param-A/);
    });

    it("lets the server see what was compared, not what another reader might make of the text", () => {
        for (const [schema, kept] of [
            [inputSchema, false],
            [{ type: "object" }, true],
        ] as const) {
            const text = `{"params":{"arguments":{"region":"us","region":"eu","note":"${"x".repeat(largeText)}"}}}`;
            const message = JSON.parse(text) as { params: { arguments: JsonObject } };
            keepSource(message, text, Buffer.from(text));
            const { arguments: args } = message.params;
            findParamHeaderProblem(schema, args, { "mcp-param-region": "eu" });
            assert.equal(sourceOf(args) !== undefined, kept);
        }
    });

    it("takes names of an object's prototype for absent", () => {
        const schema = {
            properties: { constructor: declared, toString: { ...declared, "x-mcp-header": "Y" } },
        };
        assert.equal(findParamHeaderProblem(schema, {}, {}), undefined);
    });

    it("accepts whatever headers the official client sends, and refuses any other value", async () => {
        const sent: { headers: Headers; args: JsonObject }[] = [];
        const client = await connectClient((headers, args) => sent.push({ headers, args }));
        const tool: Tool = { name: "t", inputSchema };
        const text = fc.oneof(
            fc.string(),
            fc.string({ unit: "binary" }),
            fc.constantFrom("=?base64?x?=", "=?base64?=", " x ", "\tx", "ÿ", "\uFEFFx", ""),
        );
        const args = fc.record(
            {
                region: fc.oneof(text, fc.constant(null)),
                count: fc.oneof(
                    fc.maxSafeInteger(),
                    fc.double({ noNaN: true, noDefaultInfinity: true }),
                ),
                dry: fc.boolean(),
                where: fc.record({ zone: text }, { requiredKeys: [] }),
            },
            { requiredKeys: [] },
        );
        try {
            await fc.assert(
                fc.asyncProperty(args, async (chosen) => {
                    await client.callTool(
                        { name: "t", arguments: chosen },
                        { toolDefinition: tool },
                    );
                    const { headers, args: received } = sent.at(-1)!;
                    const heard = Object.fromEntries(headers);
                    assert.equal(findParamHeaderProblem(inputSchema, received, heard), undefined);
                    for (const key of Object.keys(heard).filter((key) => /^mcp-param-/.test(key))) {
                        const changed = { ...heard, [key]: `${heard[key]}x` };
                        assert.match(
                            findParamHeaderProblem(inputSchema, received, changed) ?? "",
                            /^header/,
                        );
                        const without = { ...heard, [key]: undefined };
                        assert.match(
                            findParamHeaderProblem(inputSchema, received, without) ?? "",
                            /missing/,
                        );
                    }
                }),
                { numRuns: 300 },
            );
        } finally {
            await client.close();
        }
    });
});

/** The official client of 2026-07-28 at a server that only looks at what it is sent. */
async function connectClient(look: (headers: Headers, args: JsonObject) => void): Promise<Client> {
    const client = new Client({ name: "test", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL("http://127.0.0.1/mcp"), {
        fetch: (_, init) => {
            const message = JSON.parse(init?.body as string);
            look(new Headers(init?.headers), message.params.arguments);
            const result = { content: [], resultType: "complete" };
            return Promise.resolve(Response.json({ jsonrpc: "2.0", id: message.id, result }));
        },
    });
    const discover = {
        supportedVersions: ["2026-07-28"],
        capabilities: { tools: {} },
        resultType: "complete" as const,
        ttlMs: 0,
        cacheScope: "private" as const,
    };
    await client.connect(transport, { prior: { kind: "modern", discover } });
    return client;
}
