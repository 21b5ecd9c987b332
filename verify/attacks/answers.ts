import type { Answer } from "./attack.ts";

/** Complete responses at the beginning of a byte stream. */
export interface ReadAnswers {
    answers: Answer[];
    /** Whether bytes of a further response are left over. */
    partial: boolean;
}

/**
 * Reads HTTP/1 responses from the bytes of a connection. At the end of the connection a response without length is
 * complete.
 */
export function readAnswers(bytes: Buffer, ended: boolean): ReadAnswers {
    const answers: Answer[] = [];
    // One character per byte, so that lengths in bytes are lengths of the text.
    let rest = bytes.toString("latin1");
    while (rest !== "") {
        const found = /^HTTP\/[\d.]+ (\d{3})[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n/.exec(rest);
        if (found === null) {
            // HTTP/0.9 has no status line: whatever comes is a page.
            const page = ended && !rest.startsWith("HTTP/");
            if (page) answers.push({ status: 200, headers: {}, body: rest });
            return { answers, partial: !page };
        }
        const status = Number(found[1]);
        const headers = readHeaders(found[2] ?? "");
        const body = readBody(rest.slice(found[0].length), status, headers, ended);
        if (body === undefined) return { answers, partial: true };
        if (status >= 200 || status === 101) answers.push({ status, headers, body: body.text });
        rest = body.rest;
    }
    return { answers, partial: false };
}

function readHeaders(text: string): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const line of text.split(/\r?\n/).filter((one) => one !== "")) {
        const colon = line.indexOf(":");
        const name = line.slice(0, colon).toLowerCase();
        const value = line.slice(colon + 1).trim();
        headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    return headers;
}

interface Body {
    text: string;
    /** What follows the body on the connection. */
    rest: string;
}

function readBody(
    text: string,
    status: number,
    headers: Record<string, string>,
    ended: boolean,
): Body | undefined {
    if (status < 200 || status === 204 || status === 304) return { text: "", rest: text };
    if (/chunked/i.test(headers["transfer-encoding"] ?? "")) return readChunks(text, ended);
    const length = Number(headers["content-length"] ?? NaN);
    if (Number.isNaN(length)) return ended ? { text, rest: "" } : undefined;
    if (text.length >= length) return { text: text.slice(0, length), rest: text.slice(length) };
    // The response to HEAD has a length and no body; nothing else is cut by a gateway that answers an attack.
    return ended ? { text, rest: "" } : undefined;
}

function readChunks(text: string, ended: boolean): Body | undefined {
    let body = "";
    let rest = text;
    for (;;) {
        const size = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest);
        const length = parseInt(size?.[1] ?? "", 16);
        const start = size?.[0].length ?? 0;
        if (size === null || rest.length < start + length + 2) {
            return ended ? { text: body + rest.slice(start), rest: "" } : undefined;
        }
        body += rest.slice(start, start + length);
        rest = rest.slice(start + length + 2);
        if (length === 0) return { text: body, rest };
    }
}
