import type { IncomingHttpHeaders } from "node:http";
import { isObject, type JsonObject } from "../../json/jsonRpc.ts";
import { forgetSource } from "../../json/sourceText.ts";

/** An argument of a tool that clients of 2026-07-28 repeat in a header. */
interface ParamHeader {
    /** The header as the tool spells it. */
    header: string;
    /** The header as Node spells it. */
    key: string;
    /** Where the argument is. */
    path: readonly string[];
    /** Whether values are compared as numbers, so that `42.0` is 42. */
    numeric: boolean;
}

const keyword = "x-mcp-header";
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** `number` is not allowed by the revision, yet servers use it and the SDK checks it. */
const types = new Set<unknown>(["string", "integer", "boolean", "number"]);
/** Places of a schema from which no header may be declared: whether they apply is not known without the value. */
const subschemas = [
    ["items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties"],
    ["unevaluatedItems", "propertyNames", "oneOf", "anyOf", "allOf", "not", "if", "then", "else"],
].flat();
/** Places that hold schemas by name. */
const namedSubschemas = ["patternProperties", "dependentSchemas", "$defs", "definitions"];

const prefix = "=?base64?";
const suffix = "?=";
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const decimal = /^-?\d+(\.\d+)?$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const none: readonly ParamHeader[] = [];
/** Schemas are looked through once: a tool is called more often than listed. */
const scanned = new WeakMap<JsonObject, readonly ParamHeader[]>();

/**
 * Finds an `Mcp-Param-*` header that is missing or is not what the body says. Headers of arguments that the body does not
 * have are not looked at, nor is a tool whose declarations break a rule: clients do not offer such a tool.
 *
 * @param inputSchema of the tool that is called
 * @param args the call's arguments
 */
export function findParamHeaderProblem(
    inputSchema: JsonObject,
    args: unknown,
    headers: IncomingHttpHeaders,
): string | undefined {
    let declared = scanned.get(inputSchema);
    if (declared === undefined) {
        declared = findParamHeaders(inputSchema);
        scanned.set(inputSchema, declared);
    }
    if (declared.length > 0) {
        // What a gateway did by the headers must hold for what the server reads.
        forgetSource(args);
    }
    for (const param of declared) {
        const problem = findProblem(param, valueAt(args, param.path), headers[param.key]);
        if (problem !== undefined) {
            return problem;
        }
    }
    return undefined;
}

function findProblem(
    { header, path, numeric }: ParamHeader,
    value: unknown,
    sent: string | string[] | undefined,
): string | undefined {
    const expected = toText(value);
    if (expected === undefined) {
        return undefined;
    }
    const where = `arguments.${path.join(".")}`;
    if (typeof sent !== "string") {
        return `header '${header}' is missing; the body has ${where}`;
    }
    const decoded = decode(sent);
    if (decoded === undefined) {
        return `header '${header}' must be base64 of UTF-8 between '${prefix}' and '${suffix}', got '${sent}'`;
    }
    const equal =
        numeric && typeof value === "number" && decimal.test(decoded)
            ? Number(decoded) === value
            : decoded === expected;
    return equal ? undefined : `header '${header}' must be ${where} of the body, got '${sent}'`;
}

/** What the header of a value says; undefined for values that have none. */
function toText(value: unknown): string | undefined {
    switch (typeof value) {
        case "string":
            return value;
        case "boolean":
            return String(value);
        case "number":
            return Number.isInteger(value) && !Number.isSafeInteger(value)
                ? undefined
                : String(value);
        default:
            return undefined;
    }
}

/** Undoes the encoding of values that a header cannot carry as they are. */
function decode(value: string): string | undefined {
    if (!value.startsWith(prefix) || !value.endsWith(suffix)) {
        return value;
    }
    const encoded = value.slice(prefix.length, -suffix.length);
    if (!base64.test(encoded)) {
        return undefined;
    }
    try {
        return utf8.decode(Buffer.from(encoded, "base64"));
    } catch {
        return undefined;
    }
}

function valueAt(args: unknown, path: readonly string[]): unknown {
    let value = args;
    for (const key of path) {
        if (!isObject(value)) {
            return undefined;
        }
        value = value[key];
    }
    return value;
}

function findParamHeaders(inputSchema: JsonObject): readonly ParamHeader[] {
    const found = new Map<string, ParamHeader>();
    return collect(inputSchema, [], true, found) ? [...found.values()] : none;
}

/**
 * Collects the headers a schema declares.
 *
 * @param reachable whether only `properties` lead here
 * @returns false when a declaration breaks a rule
 */
function collect(
    schema: unknown,
    path: readonly string[],
    reachable: boolean,
    found: Map<string, ParamHeader>,
): boolean {
    if (!isObject(schema)) {
        return true;
    }
    if (keyword in schema) {
        const name = schema[keyword];
        if (!reachable || path.length === 0 || typeof name !== "string" || !token.test(name)) {
            return false;
        }
        const header = `Mcp-Param-${name}`;
        const key = header.toLowerCase();
        if (!types.has(schema.type) || found.has(key)) {
            return false;
        }
        const numeric = schema.type === "integer" || schema.type === "number";
        found.set(key, { header, key, path, numeric });
    }
    const unreachable = [
        ...subschemas.flatMap((name) => schema[name] ?? []),
        ...namedSubschemas.flatMap((name) => namedChildren(schema[name]).map(([, child]) => child)),
    ];
    return (
        namedChildren(schema.properties).every(([name, child]) =>
            collect(child, [...path, name], reachable, found),
        ) && unreachable.every((child) => collect(child, path, false, found))
    );
}

function namedChildren(value: unknown): [string, unknown][] {
    return isObject(value) ? Object.entries(value) : [];
}
