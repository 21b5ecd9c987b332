import { isObject, type JsonObject } from "./jsonRpc.ts";
import { findMember } from "./memberText.ts";
import { largeText } from "./text.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** U+2028 and U+2029 begin with these bytes of UTF-8. */
const separators = Buffer.from([0xe2, 0x80]);

/** A number that reading may change: more than 15 digits are not safe in a double, nor is an exponent of three. */
const longNumber = /\d{16}|\d[eE][+-]?\d{3}/;

/** The text that objects were read from. */
const sources = new WeakMap<object, Buffer>();

/**
 * Remembers the text of a request's arguments, so that the server gets them as the client wrote them: of large ones, which
 * then need not be written anew, and of those with numbers that would not survive it, such as ids of 64 bits. Whoever
 * decides by what is in them must forget it, since another reader of the same text may see something else, such as the
 * first of two members of one name.
 *
 * @param message the request, as it was read from `text`
 * @param body the bytes of `text`
 */
export function keepSource({ params }: JsonObject, text: string, body: Buffer): void {
    const args = isObject(params) ? params.arguments : undefined;
    if (!isObject(args) || (body.length < largeText && !longNumber.test(text))) {
        return;
    }
    const source = findMember(body, ["params", "arguments"]);
    if (source !== undefined && isOneLine(source)) {
        sources.set(args, source);
    }
}

/** The text an object was read from; undefined when it is not kept. */
export function sourceOf(value: unknown): Buffer | undefined {
    return isObject(value) ? sources.get(value) : undefined;
}

/** Lets an object be written anew, so that the server sees what was read here. */
export function forgetSource(value: unknown): void {
    if (isObject(value)) {
        sources.delete(value);
    }
}

/** Whether every reader of lines takes a text for one. */
function isOneLine(text: Buffer): boolean {
    return !text.includes(lineFeed) && !text.includes(carriageReturn) && !text.includes(separators);
}
