import type { Value } from "../protocol/values.ts";
import { attribute, plain } from "./field.ts";
import type { Field } from "./field.ts";

const unitSeconds = new Map([
    ["h", 3600],
    ["m", 60],
    ["s", 1],
]);

/** A duration: a string like `1h30m0s` in the program, seconds in Keycloak. */
export function duration(property: string): Field {
    return { ...plain(property), write: secondsOf, read: durationText, empty: 0 };
}

/** A duration stored as a string of seconds in `attributes`; the program may use either form. */
export function durationAttribute(property: string, name: string): Field {
    const write = (value: Value) => String(secondsOf(value));
    return { ...attribute(property, name), write };
}

function secondsOf(value: Value): number {
    const text = typeof value === "string" ? value : String(Number(value));
    if (/^\d+$/.test(text)) return Number(text);
    const parts = [...text.matchAll(/(\d+)([hms])/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
        throw new Error(`a duration must be like '1h30m0s', got '${text}'`);
    return parts.reduce(
        (sum, [, count, unit]) => sum + Number(count) * (unitSeconds.get(unit ?? "") ?? 0),
        0,
    );
}

/** Formats seconds as Go does, like the official provider: `15m0s`. */
function durationText(value: Value): string {
    const seconds = Number(value);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    const rest = `${seconds % 60}s`;
    if (hours > 0) return `${hours}h${minutes}m${rest}`;
    return minutes > 0 ? `${minutes}m${rest}` : rest;
}
