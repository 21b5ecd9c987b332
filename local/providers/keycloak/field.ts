import { isDeepStrictEqual } from "node:util";

import { isValues } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";

/** Maps a property of the program to Keycloak's representation. */
export interface Field {
    property: string;
    path: readonly string[];
    write: (value: Value) => Value;
    read: (value: Value) => Value;
    /** Value to write when the program no longer sets the property. */
    empty: Value;
}

const same = (value: Value): Value => value;

/** A property with the same value in Keycloak. */
export function plain(property: string, ...path: string[]): Field {
    const at = path.length === 0 ? [property] : path;
    return { property, path: at, write: same, read: same, empty: null };
}

/** A list without significant order. */
export function set(property: string, ...path: string[]): Field {
    const write = (value: Value) => (Array.isArray(value) ? [...value].sort() : value);
    return { ...plain(property, ...path), write, empty: [] };
}

/** A string in Keycloak's `attributes`. */
export function attribute(property: string, name: string, group = "attributes"): Field {
    const write = (value: Value) => (typeof value === "string" ? value : JSON.stringify(value));
    return { property, path: [group, name], write, read: same, empty: "" };
}

/** A boolean, which Keycloak stores as a string in `attributes`. */
export function flag(property: string, name: string, group = "attributes"): Field {
    return { ...attribute(property, name, group), read: (value) => value === "true" };
}

/** Attributes with several values each, which the program joins with `##`. */
export function multiAttributes(): Field {
    const mapValues = (value: Value, map: (entry: Value) => Value): Value => {
        if (!isValues(value)) return value;
        const entries = Object.entries(value).map(([name, entry]) => [name, map(entry)] as const);
        return Object.fromEntries(entries);
    };
    const split = (entry: Value) => (typeof entry === "string" ? entry.split("##") : entry);
    const join = (entry: Value) => (Array.isArray(entry) ? textsIn(entry).join("##") : entry);
    return {
        ...plain("attributes"),
        write: (value) => mapValues(value, split),
        read: (value) => mapValues(value, join),
        empty: {},
    };
}

function textsIn(values: Value[]): string[] {
    return values.filter((value) => typeof value === "string");
}

/** Writes the properties into a copy of a representation. Properties in `before` but not in `inputs` are emptied. */
export function writeFields(
    fields: readonly Field[],
    inputs: Values,
    representation: Values,
    before: Values = {},
): Values {
    const result = structuredClone(representation);
    for (const { property, path, write, empty } of fields) {
        const value = inputs[property];
        if (value !== undefined) put(result, path, write(value));
        else if (property in before) put(result, path, empty);
    }
    return result;
}

/** Reads the properties of a representation. Values equivalent to those of `inputs` keep the notation of `inputs`. */
export function readFields(
    fields: readonly Field[],
    inputs: Values,
    representation: Values,
): Values {
    const result: Values = {};
    for (const { property, path, write, read } of fields) {
        const raw = at(representation, path);
        if (raw === undefined || raw === null || raw === "") continue;
        const value = read(raw);
        const said = inputs[property];
        const isSame = said !== undefined && isDeepStrictEqual(write(said), write(value));
        result[property] = isSame ? said : value;
    }
    return result;
}

function at(values: Values, path: readonly string[]): Value | undefined {
    let value: Value | undefined = values;
    for (const key of path) value = isValues(value) ? value[key] : undefined;
    return value;
}

function put(values: Values, path: readonly string[], value: Value): void {
    const [key = "", ...rest] = path;
    if (rest.length === 0) {
        values[key] = value;
        return;
    }
    const inner = values[key];
    const next = isValues(inner) ? inner : {};
    values[key] = next;
    put(next, rest, value);
}
