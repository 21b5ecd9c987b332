import type { ErrorObject } from "ajv";

/** Problems named; a caller repairs some at a time. */
const problemLimit = 20;
/** Longest place, in characters: it has names that the caller chose. */
const placeLimit = 200;
/** Longest text of what a schema allows, in characters. */
const allowedLimit = 300;

/**
 * Says what is wrong with arguments: each place as a JSON pointer, what must hold there, and of which type the value is.
 * Never the value, which may be a secret and would reach logs and a model's context.
 */
export function describeProblems(errors: readonly ErrorObject[]): string {
    const lines = [...new Set(errors.map(describe))];
    const shown = lines.slice(0, problemLimit).join("; ");
    return lines.length > problemLimit
        ? `${shown}; and ${lines.length - problemLimit} more`
        : shown;
}

function describe({ instancePath, keyword, params, message, data }: ErrorObject): string {
    const at = (property?: unknown): string => {
        const place = typeof property === "string" ? `/${escape(property)}` : "";
        return cut(`${instancePath}${place}` || "/", placeLimit);
    };
    switch (keyword) {
        case "required":
            return `${at(params.missingProperty)}: must be given`;
        case "additionalProperties":
            return `${at(params.additionalProperty)}: must not be given, no such property is known`;
        case "unevaluatedProperties":
            return `${at(params.unevaluatedProperty)}: must not be given, no such property is known`;
        case "type":
            return `${at()}: must be ${[params.type].flat().join(" or ")}, got ${typeOf(data)}`;
        case "enum":
            return `${at()}: must be one of ${cut(JSON.stringify(params.allowedValues), allowedLimit)}, got another ${typeOf(data)}`;
        case "const":
            return `${at()}: must be ${cut(JSON.stringify(params.allowedValue), allowedLimit)}, got another ${typeOf(data)}`;
        default:
            return `${at()}: ${message ?? `must satisfy '${keyword}'`}`;
    }
}

function typeOf(value: unknown): string {
    if (value === null) {
        return "null";
    }
    return Array.isArray(value) ? "array" : typeof value;
}

/** A property as a part of a JSON pointer. */
function escape(property: string): string {
    return property.replaceAll("~", "~0").replaceAll("/", "~1");
}

function cut(text: string, limit: number): string {
    return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
