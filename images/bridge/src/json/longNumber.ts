import { findMember } from "./memberText.ts";

/** Writes a text as JSON without looking into it; newer than the types. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** A number that no double holds, such as 2^60 + 1 or 1e400: written again as it was read, digit by digit. */
export class LongNumber {
    readonly text: string;

    constructor(text: string) {
        this.text = text;
    }

    /** The number for `JSON.stringify`. */
    toJSON(): unknown {
        return rawJSON(this.text);
    }

    /** Its digits. */
    toString(): string {
        return this.text;
    }
}

/**
 * The value of a member as it stands in the text, when it is a number that reading has changed.
 *
 * @param value what was read
 * @param json the object that it was read from
 * @param path names of the member and of the objects around it
 */
export function exactly(value: unknown, json: Buffer, path: readonly string[]): unknown {
    if (typeof value !== "number" || Number.isSafeInteger(value)) {
        return value;
    }
    const text = findMember(json, path)?.toString();
    return text === undefined || text === String(value) ? value : new LongNumber(text);
}
