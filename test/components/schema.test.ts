import * as pulumi from "@pulumi/pulumi";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer.js";
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as components from "../../components/index.ts";
import manifest from "../../components/package.json" with { type: "json" };

const directory = join(import.meta.dirname, "../../components");

const declaration = /^(?:export )?(?:interface|class|enum|type) (\w+)/gm;

type Schema = ReturnType<Analyzer["analyze"]>;

/** Every component that a program can name. */
const names = Object.entries(components)
    .filter(
        ([, value]) =>
            (value as { prototype?: unknown }).prototype instanceof pulumi.ComponentResource,
    )
    .map(([name]) => name);

/** Inputs and outputs that are any value on purpose, each with its reason. */
const untyped: Record<string, string> = {};

describe("the schema by which programs in other languages use the components", () => {
    let schema: Schema;

    // It ends at the first type that the analyzer refuses, and says where.
    before(() => (schema = new Analyzer(directory, "slipway", manifest, new Set(names)).analyze()));

    it("has every component", () => {
        assert.deepEqual(Object.keys(schema.components).sort(), [...names].sort());
    });

    it("knows the type of everything that components take and give", () => {
        const found = [...findUntyped({ ...schema.components, ...schema.typeDefinitions })];
        assert.deepEqual(found, Object.keys(untyped));
    });

    it("has a type for each name, as it takes two of the same name for one", () => {
        const declared = globSync("**/*.ts", { cwd: directory, exclude: ["dist/**"] }).flatMap(
            (file) => [...readFileSync(join(directory, file), "utf8").matchAll(declaration)],
        );
        const names = declared.map(([, name = ""]) => name);
        const twice = names.filter((name, index) => names.indexOf(name) !== index);
        assert.deepEqual(
            twice.filter((name) => name in schema.typeDefinitions),
            [],
        );
    });

    it("says what every input means", () => {
        const inputs = Object.entries(schema.components).flatMap(([name, component]) =>
            Object.entries(component.inputs).map(([input, type]) => ({
                path: `${name}.${input}`,
                ...type,
            })),
        );
        const silent = inputs.filter(({ description }) => description === undefined);
        assert.deepEqual(silent, []);
    });
});

/** Paths of everything whose type the analyzer does not know. */
function* findUntyped(value: unknown, path = ""): Generator<string> {
    if (typeof value !== "object" || value === null) return;
    if ("$ref" in value && value.$ref === "pulumi.json#/Any") yield path;
    for (const [key, entry] of Object.entries(value)) {
        yield* findUntyped(entry, path === "" ? key : `${path}.${key}`);
    }
}
