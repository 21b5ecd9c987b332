/**
 * Deepest nesting of a message: as deep as Python's reader goes. What reads JSON in Node goes deeper than what writes it,
 * which would fail on what it was given.
 */
export const deepestNesting = 1000;

const quote = 0x22;
const backslash = 0x5c;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Whether JSON is nested more deeply than a message may be. What is not JSON may be told to be either. */
export function isTooDeep(json: Buffer): boolean {
    if (json.length <= deepestNesting) {
        return false;
    }
    // Few brackets cannot be many levels, and few messages have so many that the characters are worth looking at.
    const few = deepestNesting - count(json, openArray, deepestNesting);
    return count(json, openObject, few) > few && findDepth(json) > deepestNesting;
}

/** How often a byte is there, as far as that is not more than `limit`. */
function count(bytes: Buffer, byte: number, limit: number): number {
    let found = 0;
    for (let at = bytes.indexOf(byte); at !== -1 && found <= limit; found++) {
        at = bytes.indexOf(byte, at + 1);
    }
    return found;
}

function findDepth(json: Buffer): number {
    let depth = 0;
    let deepest = 0;
    let inText = false;
    for (let at = 0; at < json.length; at++) {
        const byte = json[at];
        if (inText) {
            at += Number(byte === backslash);
            inText = byte !== quote;
        } else if (byte === quote) {
            inText = true;
        } else if (byte === openArray || byte === openObject) {
            depth++;
            deepest = Math.max(deepest, depth);
        } else if (byte === closeArray || byte === closeObject) {
            depth--;
        }
    }
    return deepest;
}
