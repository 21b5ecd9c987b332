/** A property value as the engine knows it, with secrets already opened. */
export type Value = null | boolean | number | string | Value[] | Values;

/** Properties of a resource by name. */
export interface Values {
    [key: string]: Value;
}

/** How the engine writes "known only after the update" where a value belongs. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Tells an object from the other kinds of value. */
export function isValues(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value, or anything inside it, is known only after the update. */
export function containsUnknown(value: Value | undefined): boolean {
    if (Array.isArray(value)) return value.some(containsUnknown);
    if (isValues(value)) return Object.values(value).some(containsUnknown);
    return value === unknown;
}

/** The text of a property, or undefined when it is absent, unknown or no text. */
export function textOf(values: Values, key: string): string | undefined {
    const value = values[key];
    return typeof value === "string" && value !== unknown ? value : undefined;
}

/** The object under a property, or an empty one. */
export function objectOf(values: Values, key: string): Values {
    const value = values[key];
    return isValues(value) ? value : {};
}

/** The texts of a list property; other kinds of entry are left out. */
export function textsOf(values: Values, key: string): string[] {
    const value = values[key];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** The properties without those named. */
export function without(values: Values, ...names: string[]): Values {
    return Object.fromEntries(Object.entries(values).filter(([key]) => !names.includes(key)));
}
