/** A value, or what is wrong with its text. */
export type Parsed<T> = { value: T } | { problem: string };

/** A whole number from `least` to `max`; the empty text stands for `fallback`. */
export function parseNumber(
    text: string,
    fallback: number,
    max: number,
    least = 0,
): Parsed<number> {
    if (text === "") {
        return { value: fallback };
    }
    return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= max
        ? { value: Number(text) }
        : { problem: `must be a whole number from ${least} to ${max}, got '${text}'` };
}

/** One of `words`; the empty text stands for `fallback`. */
export function parseWord<T extends string>(
    text: string,
    words: readonly T[],
    fallback: T,
): Parsed<T> {
    const word = words.find((candidate) => candidate === (text || fallback));
    return word === undefined
        ? { problem: `must be one of ${words.join(", ")}, got '${text}'` }
        : { value: word };
}

/** Entries between commas. */
export function parseList(text: string): Parsed<string[]> {
    const entries = text.split(",").map((entry) => entry.trim());
    return { value: entries.filter((entry) => entry !== "") };
}

/** `name=value` entries between commas. */
export function parseMap(text: string): Parsed<Record<string, string>> {
    const entries = parseList(text);
    if ("problem" in entries) {
        return entries;
    }
    const wrong = entries.value.filter((entry) => !/^[^=]+=./.test(entry));
    if (wrong.length > 0) {
        return { problem: `must be NAME=VALUE entries between commas, got '${wrong.join(",")}'` };
    }
    const pairs = entries.value.map((entry) => entry.split(/=(.*)/s).slice(0, 2));
    return { value: Object.fromEntries(pairs) as Record<string, string> };
}
