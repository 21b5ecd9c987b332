import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import type { DataValidateFunction } from "ajv/dist/types/index.js";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fastFormats } from "ajv-formats/dist/formats.js";
import type { JsonObject } from "../json/jsonRpc.ts";
import { isUnique } from "./isUnique.ts";
import { LinearPatterns, type LinearPattern } from "./linearPatterns.ts";
import { UnsupportedPattern } from "./patternErrors.ts";

/** A schema made ready: gives whether arguments match, and leaves what is wrong as its `errors`. */
export type CompiledSchema = (args: unknown) => Verdict;

/** What is wrong with arguments; undefined when they match. */
export type Verdict = readonly ErrorObject[] | undefined;

/** Values in arguments up to which everything wrong is looked for: each may give an error object for each of its rules. */
const valueLimit = 1000;

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
};

/** Compiles schemas of every dialect that MCP's servers use. */
export class SchemaCompiler {
    private readonly patterns = new LinearPatterns();
    private readonly validators = new Map<string, Validator>();
    private readonly options: Options = {
        ...options,
        // Names that patterns choose. Those that cannot be compared make the whole schema unusable: what is refused
        // because of a name would be a guess.
        code: {
            regExp: Object.assign((pattern: string) => this.patterns.compile(pattern), {
                code: "linearPattern",
            }),
        },
    };

    /** Compiles the schemas of the usual dialects' schemas, which takes some 50 ms and would hold up the first call. */
    prepare(): void {
        for (const $schema of [undefined, "http://json-schema.org/draft-07/schema#"]) {
            this.compile({ $schema, type: "object", properties: { a: { pattern: "^a" } } })({});
        }
    }

    /**
     * @throws when the schema is not one, refers to another document, has an unknown dialect, or names that a pattern
     * chooses which is an {@link UnsupportedPattern}
     */
    compile(schema: JsonObject): CompiledSchema {
        const all = this.compileOnce(schema, true);
        let first: ValidateFunction | undefined;
        return (args) => {
            const large = hasMoreValues(args, valueLimit);
            const validate = large ? (first ??= this.compileOnce(schema, false)) : all;
            this.patterns.begin();
            return validate(args) ? undefined : (validate.errors ?? []);
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
            validator = new dialect[1]({ ...this.options, allErrors });
            // The library compares every item with every other: a list of 100,000 would stop the bridge for a minute.
            validator.removeKeyword("uniqueItems").addKeyword({
                keyword: "uniqueItems",
                type: "array",
                schemaType: "boolean",
                error: { message: "must NOT have duplicate items" },
                validate: (unique: boolean, items: unknown[]) => !unique || isUnique(items),
            });
            // Time of the library's own grows with the square of the text, or worse, as the caller likes.
            validator.removeKeyword("pattern").addKeyword({
                keyword: "pattern",
                type: "string",
                schemaType: "string",
                compile: (pattern: string) => this.compilePattern(pattern),
                errors: true,
            });
            this.validators.set(key, validator);
        }
        return validator;
    }

    /** A pattern that cannot be compared is left to the server, which says what is wrong itself. */
    private compilePattern(pattern: string): DataValidateFunction {
        let compiled: LinearPattern;
        try {
            compiled = this.patterns.compile(pattern);
        } catch (error) {
            if (error instanceof UnsupportedPattern) {
                return () => true;
            }
            throw error;
        }
        const message = `must match pattern "${pattern}"`;
        const validate: DataValidateFunction = (text: string) => {
            const found = compiled.test(text);
            validate.errors = found ? undefined : [{ keyword: "pattern", message, params: {} }];
            return found;
        };
        return validate;
    }
}

/** Whether there are more than `limit` values in a JSON value; looks at no more than that. */
function hasMoreValues(value: unknown, limit: number): boolean {
    const pending = [value];
    for (let seen = 0; pending.length > 0; seen++) {
        if (seen >= limit || pending.length > limit) {
            return true;
        }
        const next = pending.pop();
        if (typeof next === "object" && next !== null) {
            const values = Array.isArray(next) ? next : Object.values(next);
            if (values.length > limit) {
                return true;
            }
            pending.push(...(values as unknown[]));
        }
    }
    return false;
}
