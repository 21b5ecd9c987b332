import type { RequestId } from "../../json/jsonRpc.ts";
import type { Line, Text } from "../../json/text.ts";

const resultStart = '"result":{';
const space = [0x20, 0x09, 0x0a, 0x0d];
const closeObject = 0x7d;

/**
 * Gives a server's successful answer another id, so that a large result need not be written anew. Works for the two forms
 * in which servers write answers, with the id first or last and without spaces.
 *
 * @param line the answer, which is JSON in UTF-8 and names `childId`
 * @param members members the result gets in front of its own, as JSON without braces; the result must not have them
 * @returns undefined for an answer in another form
 */
export function spliceAnswer(
    line: Line,
    childId: number,
    id: RequestId,
    members = "",
): Text | undefined {
    const body = cutIds(line, childId);
    if (body === undefined || !startsWith(body, resultStart)) {
        return undefined;
    }
    // The id stands last: whatever the body holds besides the result, this one counts.
    const end = `,"id":${typeof id === "number" ? id : JSON.stringify(id)}}`;
    if (members === "") {
        return join('{"jsonrpc":"2.0",', body, end);
    }
    const rest = cut(body, resultStart.length, body.length);
    const comma = isClosed(rest) ? "" : ",";
    return join(`{"jsonrpc":"2.0",${resultStart}${members}${comma}`, rest, end);
}

/** What is left of an answer without its version and id. */
function cutIds(line: Line, childId: number): Line | undefined {
    const head = `{"jsonrpc":"2.0","id":${childId},`;
    if (startsWith(line, head) && endsWith(line, "}")) {
        return cut(line, head.length, line.length - 1);
    }
    const tail = `,"jsonrpc":"2.0","id":${childId}}`;
    return startsWith(line, "{") && endsWith(line, tail)
        ? cut(line, 1, line.length - tail.length)
        : undefined;
}

function startsWith(line: Line, text: string): boolean {
    return typeof line === "string"
        ? line.startsWith(text)
        : line.toString("latin1", 0, text.length) === text;
}

function endsWith(line: Line, text: string): boolean {
    return typeof line === "string"
        ? line.endsWith(text)
        : line.toString("latin1", Math.max(0, line.length - text.length)) === text;
}

function cut(line: Line, start: number, end: number): Line {
    return typeof line === "string" ? line.slice(start, end) : line.subarray(start, end);
}

/** Whether an object whose inside begins here has no members. */
function isClosed(inside: Line): boolean {
    if (typeof inside === "string") {
        return /^\s*\}/.test(inside);
    }
    return inside.find((byte) => !space.includes(byte)) === closeObject;
}

function join(head: string, body: Line, end: string): Text {
    return typeof body === "string"
        ? `${head}${body}${end}`
        : [Buffer.from(head), body, Buffer.from(end)];
}
