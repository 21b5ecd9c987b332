import { Ajv, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fastFormats } from "ajv-formats/dist/formats.js";
import type { JsonObject } from "../jsonRpc.ts";
import { isUnique } from "./isUnique.ts";

/** A schema made ready. */
export interface CompiledSchema {
    /** Looks for the first thing wrong. */
    validate: ValidateFunction;
    /** Looks for everything wrong; compiled when it is first asked for. */
    validateAll(): ValidateFunction;
}

type Validator = InstanceType<typeof Ajv>;
type ValidatorClass = new (options: Options) => Validator;

/** Dialects by their `$schema`; MCP's default is the first. Draft 6 is draft 7 without what it added. */
const dialects: [RegExp, ValidatorClass][] = [
    [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, Ajv2020],
    [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, Ajv2019],
    [/^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/, Ajv],
];

/** Names of what the validators have built in; a schema that took one would take its place. */
const dialectName = /^https?:\/\/json-schema\.org\//i;

/** The formats of JSON Schema in their linear forms; the library has others whose time a caller could choose. */
const formatNames = [
    "date",
    "time",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "uuid",
] as const;

const options: Options = {
    // A tool's schema may have annotations of its own, such as `x-mcp-header`.
    strict: false,
    logger: false,
    // Else `toString` would be there in every object.
    ownProperties: true,
    // What an error says of a value is its type alone, for which the value is needed.
    verbose: true,
    formats: Object.fromEntries(formatNames.map((name) => [name, fastFormats[name]])),
    code: { regExp: Object.assign(compilePattern, { code: "compilePattern" }) },
};

/** Compiles schemas of every dialect that MCP's servers use. */
export class SchemaCompiler {
    private readonly validators = new Map<string, Validator>();

    /** Compiles the schemas of the usual dialects' schemas, which takes some 50 ms and would hold up the first call. */
    prepare(): void {
        for (const $schema of [undefined, "http://json-schema.org/draft-07/schema#"]) {
            this.compile({ $schema, type: "object" });
        }
    }

    /** @throws when the schema is not one, refers to another document, or has an unknown dialect */
    compile(schema: JsonObject): CompiledSchema {
        let all: ValidateFunction | undefined;
        return {
            validate: this.compileOnce(schema, false),
            validateAll: () => (all ??= this.compileOnce(schema, true)),
        };
    }

    private compileOnce({ $schema, ...schema }: JsonObject, allErrors: boolean): ValidateFunction {
        const validator = this.open($schema, allErrors);
        if (typeof schema.$id === "string" && dialectName.test(schema.$id)) {
            throw new Error(`'$id' must not be a dialect's, got '${schema.$id}'`);
        }
        try {
            return validator.compile(schema);
        } finally {
            // It would keep each schema for good, and refuse a second one of the same `$id`.
            validator.removeSchema(schema);
        }
    }

    private open($schema: unknown, allErrors: boolean): Validator {
        const index =
            $schema === undefined
                ? 0
                : dialects.findIndex(([form]) => typeof $schema === "string" && form.test($schema));
        const dialect = dialects[index];
        if (dialect === undefined) {
            throw new Error(`the dialect '${JSON.stringify($schema)}' is not supported`);
        }
        const key = `${index} ${allErrors}`;
        let validator = this.validators.get(key);
        if (validator === undefined) {
            validator = new dialect[1]({ ...options, allErrors });
            // The library compares every item with every other: a list of 100,000 would stop the bridge for a minute.
            validator.removeKeyword("uniqueItems").addKeyword({
                keyword: "uniqueItems",
                type: "array",
                schemaType: "boolean",
                error: { message: "must NOT have duplicate items" },
                validate: (unique: boolean, items: unknown[]) => !unique || isUnique(items),
            });
            this.validators.set(key, validator);
        }
        return validator;
    }
}

/** Patterns are Unicode ones; those that are not valid as such were written for engines that are less strict. */
function compilePattern(pattern: string, flags: string): RegExp {
    try {
        return new RegExp(pattern, flags);
    } catch {
        return new RegExp(pattern);
    }
}
