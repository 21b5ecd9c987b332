import { isObject, type JsonObject } from "./jsonRpc.ts";
import { findMember } from "./memberText.ts";
import { largeText } from "./text.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** U+2028 and U+2029 begin with these bytes of UTF-8. */
const separators = Buffer.from([0xe2, 0x80]);

/** The text that objects were read from. */
const sources = new WeakMap<object, Buffer>();

/**
 * Remembers the text of a large request's arguments, so that the server gets them as the client wrote them and they need
 * not be written anew. Whoever decides by what is in them must forget it, since another reader of the same text may see
 * something else, such as the first of two members of one name.
 *
 * @param message the request, as it was read from `body`
 */
export function keepSource({ params }: JsonObject, body: Buffer): void {
    const args = isObject(params) ? params.arguments : undefined;
    if (body.length < largeText || !isObject(args)) {
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
