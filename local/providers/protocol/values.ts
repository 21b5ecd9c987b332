/** A property value of the engine, with secrets unwrapped. */
export type Value = null | boolean | number | string | Value[] | Values;

/** Properties of a resource by name. */
export interface Values {
    [key: string]: Value;
}

/** The engine's sentinel for an unknown value. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is an object. */
export function isValues(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is or contains an unknown. */
export function containsUnknown(value: Value | undefined): boolean {
    if (Array.isArray(value)) return value.some(containsUnknown);
    if (isValues(value)) return Object.values(value).some(containsUnknown);
    return value === unknown;
}

/** The string value of a property; undefined when it is absent, unknown or not a string. */
export function textOf(values: Values, key: string): string | undefined {
    const value = values[key];
    return typeof value === "string" && value !== unknown ? value : undefined;
}

/** The object value of a property; empty when it is absent. */
export function objectOf(values: Values, key: string): Values {
    const value = values[key];
    return isValues(value) ? value : {};
}

/** The strings of a list property; other entries are left out. */
export function textsOf(values: Values, key: string): string[] {
    const value = values[key];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** A copy of the properties without the named ones. */
export function without(values: Values, ...names: string[]): Values {
    return Object.fromEntries(Object.entries(values).filter(([key]) => !names.includes(key)));
}
