import { isObject, type JsonObject } from "../json/jsonRpc.ts";

/** The dialect of OpenAPI 3.1 unless a schema names another. */
const ownDialect = "https://json-schema.org/draft/2020-12/schema";
/** Keywords whose value is no schema but what a value may be. */
const valueKeywords = new Set(["const", "enum", "default", "examples", "example"]);
/** Keywords that hold schemas by name, so that the names are not keywords. */
const nameKeywords = new Set([
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
]);

/**
 * A schema as a part of a larger document: its references to itself lead to where it now is.
 *
 * @param pointer the place, as a URI fragment: `#/components/schemas/x`
 */
export function embedSchema(schema: JsonObject, pointer: string): JsonObject {
    const { $id, $schema, ...rest } = schema;
    const base = typeof $id === "string" ? $id.replace(/#$/, "") : "";
    const rewrite = (reference: string): string => {
        const inside = base !== "" && reference.startsWith(base);
        const fragment = inside ? reference.slice(base.length) : reference;
        return /^(?:#(?:\/.*)?)?$/s.test(fragment) ? pointer + fragment.slice(1) : reference;
    };
    const embedded = embed(rest, rewrite) as JsonObject;
    return $schema === undefined || $schema === ownDialect ? embedded : { $schema, ...embedded };
}

function embed(value: unknown, rewrite: (reference: string) => string): unknown {
    if (Array.isArray(value)) {
        return value.map((item) => embed(item, rewrite));
    }
    if (!isObject(value) || typeof value.$id === "string") {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).map(([key, child]) => {
            if (valueKeywords.has(key)) {
                return [key, child];
            }
            if (key === "$ref" || key === "$dynamicRef") {
                return [key, typeof child === "string" ? rewrite(child) : child];
            }
            if (nameKeywords.has(key) && isObject(child)) {
                const named = Object.entries(child).map(([name, schema]) => [
                    name,
                    embed(schema, rewrite),
                ]);
                return [key, Object.fromEntries(named)];
            }
            return [key, embed(child, rewrite)];
        }),
    );
}
