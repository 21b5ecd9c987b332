const quote = 0x22;
const colon = 0x3a;
const comma = 0x2c;
const backslash = 0x5c;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const space = 0x20;

/** Bytes of a string that are looked at one by one, before the rest is searched for its end: a search has to pay off. */
const nearby = 32;

/**
 * Finds the bytes of a member's value, so that they can be passed on without being written anew.
 *
 * @param json a JSON object, known to be valid
 * @param path names of the member and of the objects around it, in plain ASCII
 * @returns undefined when it is not there, or when readers could differ about which one it is: it is there twice, or a name
 * beside it is written with escapes
 */
export function findMember(json: Buffer, path: readonly string[]): Buffer | undefined {
    let value: Buffer | undefined = json;
    for (const name of path) {
        value = value && findIn(value, name);
    }
    return value;
}

function findIn(json: Buffer, name: string): Buffer | undefined {
    let at = skipSpace(json, 0);
    if (json[at] !== openObject) {
        return undefined;
    }
    let found: Buffer | undefined;
    at = skipSpace(json, at + 1);
    while (json[at] === quote) {
        const nameEnd = skipString(json, at);
        const key = json.toString("latin1", at + 1, nameEnd - 1);
        const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
        const end = skipValue(json, start);
        if (key.includes("\\") || (key === name && found !== undefined)) {
            return undefined;
        }
        if (key === name) {
            found = json.subarray(start, end);
        }
        at = skipSpace(json, end);
        if (json[at] === comma) {
            at = skipSpace(json, at + 1);
        }
    }
    return found;
}

/** Where the value that begins at `at` is over. */
function skipValue(json: Buffer, at: number): number {
    if (json[at] === quote) {
        return skipString(json, at);
    }
    let depth = 0;
    while (at < json.length) {
        switch (json[at]) {
            case quote:
                at = skipString(json, at);
                break;
            case openArray:
            case openObject:
                depth++;
                at++;
                break;
            case closeArray:
            case closeObject:
                if (depth === 0) {
                    return at;
                }
                at++;
                if (--depth === 0) {
                    return at;
                }
                break;
            case comma:
            case colon:
                if (depth === 0) {
                    return at;
                }
                at++;
                break;
            default:
                if (depth === 0 && isSpace(json[at])) {
                    return at;
                }
                at++;
        }
    }
    return at;
}

/** Where the string that begins at `at` is over. */
function skipString(json: Buffer, at: number): number {
    at++;
    while (at < json.length) {
        for (const end = at + nearby; at < end; at++) {
            if (json[at] === quote) {
                return at + 1;
            }
            at += Number(json[at] === backslash);
        }
        const end = json.indexOf(quote, at);
        if (end === -1) {
            break;
        }
        let escapes = 0;
        while (end - escapes > at && json[end - escapes - 1] === backslash) {
            escapes++;
        }
        if (escapes % 2 === 0) {
            return end + 1;
        }
        at = end + 1;
    }
    return json.length;
}

function skipSpace(json: Buffer, at: number): number {
    while (isSpace(json[at])) {
        at++;
    }
    return at;
}

/** JSON has no other character at or below the space. */
function isSpace(byte: number | undefined): boolean {
    return byte !== undefined && byte <= space;
}
