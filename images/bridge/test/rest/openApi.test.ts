import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { embedSchema } from "../../src/rest/embedSchema.ts";
import { buildOpenApi } from "../../src/rest/openApi.ts";
import type { Tool } from "../../src/processes/toolCatalog.ts";
import { readRest, startRest } from "../support/startRest.ts";

const server = { title: "fixture", version: "1.2.3" };
const point = { type: "object", properties: { x: { type: "number" } } };
const tools: Tool[] = [
    {
        name: "draw",
        title: "Draw",
        description: "Draws *points*.",
        inputSchema: {
            $schema: "https://json-schema.org/draft/2020-12/schema",
            type: "object",
            required: ["points"],
            properties: { points: { type: "array", items: { $ref: "#/$defs/point" } } },
            $defs: { point },
        },
        outputSchema: { type: "object", properties: { drawn: { type: "integer" } } },
    },
    { name: "a/b ü", inputSchema: { type: "object" } },
    { name: "a_b__", inputSchema: { type: "object" } },
    { name: "..", inputSchema: { type: "object" } },
    { name: "list_tools", inputSchema: { type: "object" } },
];

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const build = (list = tools, bearer = false): any =>
    JSON.parse(JSON.stringify(buildOpenApi({ server, tools: list, bearer })));

const validator = new Validator();

async function assertValid(document: Record<string, unknown>): Promise<void> {
    const { valid, errors } = await validator.validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
}

/** What a reference of a document leads to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function follow(document: any, reference: string): any {
    assert.match(reference, /^#\//);
    return reference
        .slice(2)
        .split("/")
        .reduce((part, key) => part[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

describe("the OpenAPI document", () => {
    it("is valid OpenAPI 3.1, with and without tokens and tools", async () => {
        for (const list of [tools, []]) {
            await assertValid(build(list));
            await assertValid(build(list, true));
        }
        assert.equal(build().openapi, "3.1.1");
        assert.deepEqual(build().info, server);
    });

    it("is valid whatever the tools are called, with one operation and id for each", async () => {
        const names = fc.uniqueArray(
            fc.oneof(
                fc.string(),
                fc.string({ unit: "binary" }),
                fc.constantFrom("call_tool", ".."),
            ),
            { maxLength: 10 },
        );
        await fc.assert(
            fc.asyncProperty(names, async (chosen) => {
                const list = chosen.map((name) => ({
                    name,
                    inputSchema: { type: "object" },
                    outputSchema: { type: "object" },
                }));
                const document = build(list);
                await assertValid(document);
                // eslint-disable-next-line @typescript-eslint/no-explicit-any
                const operations: any[] = Object.values(document.paths).flatMap((path) =>
                    Object.values(path as object),
                );
                const ids = operations.map(({ operationId }) => operationId);
                assert.equal(new Set(ids).size, ids.length);
                const reachable = chosen.filter(
                    (name) => !["", ".", ".."].includes(name) && name.isWellFormed(),
                );
                assert.equal(operations.length, reachable.length + 2);
                for (const name of reachable) {
                    assert.equal(
                        document.paths[`/tools/${encodeURIComponent(name)}`].post.operationId,
                        name,
                    );
                }
            }),
            { numRuns: 100 },
        );
    });

    it("has a tool's schemas and texts, and its references lead to them", () => {
        const document = build();
        const { post } = document.paths["/tools/draw"];
        assert.deepEqual([post.summary, post.description], ["Draw", "Draws *points*."]);
        assert.equal(post.requestBody.required, true);
        const input = follow(document, post.requestBody.content["application/json"].schema.$ref);
        assert.equal("$schema" in input, false);
        assert.deepEqual(follow(document, input.properties.points.items.$ref), point);
        const output = post.responses[200].content["application/json"].schema.$ref;
        assert.deepEqual(follow(document, output), tools[0]?.outputSchema);
    });

    it("keeps tools apart whose names are the same in the letters of a key", () => {
        const document = build();
        const keys = ["/tools/a%2Fb%20%C3%BC", "/tools/a_b__"].map(
            (path) => document.paths[path].post.requestBody.content["application/json"].schema.$ref,
        );
        assert.deepEqual(keys, [
            "#/components/schemas/a_b__.input",
            "#/components/schemas/a_b__.input-2",
        ]);
    });

    it("gives every failure the one schema of errors", () => {
        const document = build(tools, true);
        for (const path of Object.values<object>(document.paths)) {
            for (const { responses } of Object.values(path)) {
                // eslint-disable-next-line @typescript-eslint/no-explicit-any
                for (const [status, response] of Object.entries<any>(responses)) {
                    if (status !== "200") {
                        const { $ref } = response.content["application/json"].schema;
                        assert.equal($ref, "#/components/schemas/Error");
                    }
                }
            }
        }
        const statuses = Object.keys(document.paths["/tools/draw"].post.responses).join();
        assert.equal(statuses, "200,400,401,403,404,413,415,422,500,503,504");
    });

    it("asks for a token when requests need one, and speaks of none otherwise", () => {
        const { security, components } = build(tools, true);
        assert.deepEqual(security, [{ bearer: [] }]);
        assert.deepEqual(components.securitySchemes.bearer, { type: "http", scheme: "bearer" });
        const open = JSON.stringify(build());
        assert.doesNotMatch(open, /bearer|"401"|"403"/);
    });

    it("is served anew when the tools change, and by its tag until then", async () => {
        let list = tools;
        const rest = await startRest({ tools: () => list });
        const get = (headers: Record<string, string> = {}) =>
            fetch(`${rest.url}/openapi.json`, { headers });
        try {
            const first = await get();
            const etag = first.headers.get("etag") ?? "";
            assert.equal(first.headers.get("content-type"), "application/json");
            assert.deepEqual((await readRest(first)).body, build());
            for (const asked of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
                const again = await readRest(await get({ "if-none-match": asked }));
                assert.deepEqual([again.status, again.text], [304, ""], asked);
            }
            list = tools.slice(1);
            rest.catalog.invalidate();
            const changed = await readRest(await get({ "if-none-match": etag }));
            assert.equal(changed.status, 200);
            assert.equal("/tools/draw" in changed.body.paths, false);
        } finally {
            await rest.close();
        }
    });

    it("and the list show a caller the tools that exist for it", async () => {
        const rest = await startRest({ tools, offers: (name) => name === "draw" });
        try {
            const list = await readRest(await fetch(`${rest.url}/tools`));
            assert.deepEqual([list.status, list.body], [200, { tools: tools.slice(0, 1) }]);
            assert.match(list.headers.get("cache-control") ?? "", /private/);
            const { body } = await readRest(await fetch(`${rest.url}/openapi.json`));
            assert.deepEqual(Object.keys(body.paths), ["/tools", "/call", "/tools/draw"]);
        } finally {
            await rest.close();
        }
    });

    it("and the list answer HEAD as they answer GET, without a body", async () => {
        const rest = await startRest({ tools });
        try {
            for (const path of ["/tools", "/openapi.json"]) {
                const got = await fetch(rest.url + path);
                const head = await fetch(rest.url + path, { method: "HEAD" });
                for (const name of ["etag", "content-type", "content-length"]) {
                    assert.equal(head.headers.get(name), got.headers.get(name), name);
                }
                assert.equal(await head.text(), "");
            }
        } finally {
            await rest.close();
        }
    });
});

describe("embedSchema", () => {
    const at = "#/components/schemas/x";
    const cases: [string, object, object][] = [
        ["a reference to the whole", { $ref: "#" }, { $ref: at }],
        ["a reference inside", { $ref: "#/$defs/a" }, { $ref: `${at}/$defs/a` }],
        ["a reference by the schema's id", { $id: "urn:a", $ref: "urn:a#/b" }, { $ref: `${at}/b` }],
        ["a reference to the id itself", { $id: "urn:a#", $ref: "urn:a" }, { $ref: at }],
        ["a reference elsewhere", { $ref: "urn:b#/c" }, { $ref: "urn:b#/c" }],
        ["a reference to an anchor", { $ref: "#a" }, { $ref: "#a" }],
        [
            "deep references",
            { anyOf: [{ items: { $ref: "#" } }] },
            { anyOf: [{ items: { $ref: at } }] },
        ],
        [
            "properties with names of keywords",
            { properties: { $ref: { $ref: "#/a" }, enum: { $ref: "#/b" } } },
            { properties: { $ref: { $ref: `${at}/a` }, enum: { $ref: `${at}/b` } } },
        ],
        ["values that look like references", { enum: [{ $ref: "#" }] }, { enum: [{ $ref: "#" }] }],
        [
            "defaults that look like references",
            { default: { $ref: "#" } },
            { default: { $ref: "#" } },
        ],
        [
            "a schema in the schema with an id of its own",
            { $defs: { a: { $id: "urn:c", $ref: "#/d" } } },
            { $defs: { a: { $id: "urn:c", $ref: "#/d" } } },
        ],
        [
            "another dialect, which it keeps the name of",
            { $schema: "http://json-schema.org/draft-07/schema#", type: "object" },
            { $schema: "http://json-schema.org/draft-07/schema#", type: "object" },
        ],
    ];
    for (const [what, schema, embedded] of cases) {
        it(`understands ${what}`, () => {
            assert.deepEqual(embedSchema(schema as Tool, at), embedded);
        });
    }
});
