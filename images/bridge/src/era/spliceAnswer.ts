import type { RequestId } from "../jsonRpc.ts";

const resultStart = '"result":{';

/**
 * Gives a server's successful answer, as text, another id, so that a large result need not be written anew. Works for the
 * two forms in which servers write answers, with the id first or last and without spaces.
 *
 * @param line the answer, which is JSON and names `childId`
 * @param members members the result gets in front of its own, as JSON without braces; the result must not have them
 * @returns undefined for an answer in another form
 */
export function spliceAnswer(
    line: string,
    childId: number,
    id: RequestId,
    members = "",
): string | undefined {
    const body = cutIds(line, childId);
    if (body?.startsWith(resultStart) !== true) {
        return undefined;
    }
    // The id stands last: whatever the body holds besides the result, this one counts.
    const end = `,"id":${typeof id === "number" ? id : JSON.stringify(id)}}`;
    if (members === "") {
        return `{"jsonrpc":"2.0",${body}${end}`;
    }
    const rest = body.slice(resultStart.length);
    const comma = /^\s*\}/.test(rest) ? "" : ",";
    return `{"jsonrpc":"2.0",${resultStart}${members}${comma}${rest}${end}`;
}

function cutIds(line: string, childId: number): string | undefined {
    const head = `{"jsonrpc":"2.0","id":${childId},`;
    if (line.startsWith(head) && line.endsWith("}")) {
        return line.slice(head.length, -1);
    }
    const tail = `,"jsonrpc":"2.0","id":${childId}}`;
    return line.startsWith("{") && line.endsWith(tail) ? line.slice(1, -tail.length) : undefined;
}
