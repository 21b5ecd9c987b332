import { isIP } from "node:net";
import { connect } from "node:tls";

import type { Answer, AttackTarget, Outcome } from "./attack.ts";
import { initializeMessage } from "./http1.ts";

/** Types of HTTP/2 frames (RFC 9113 section 6). */
export const frameTypes = {
    data: 0,
    headers: 1,
    reset: 3,
    settings: 4,
    ping: 6,
    goAway: 7,
    windowUpdate: 8,
    continuation: 9,
} as const;

export const endStream = 1;
export const endHeaders = 4;

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A header list in the order in which it is sent; names may repeat and may be invalid. */
export type HeaderList = [name: string, value: string][];

/** Bytes of one frame. */
export function frame(type: number, flags: number, stream: number, payload = ""): Buffer {
    const content = Buffer.from(payload, "latin1");
    const head = Buffer.alloc(9);
    head.writeUIntBE(content.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, content]);
}

/** Encodes headers as literals that are not indexed (RFC 7541 section 6.2.2), which hides no fault from the peer. */
export function encodeHeaders(headers: HeaderList): string {
    return headers.map(([name, value]) => `\0${encodeText(name)}${encodeText(value)}`).join("");
}

function encodeText(text: string): string {
    let rest = text.length;
    if (rest < 127) return String.fromCharCode(rest) + text;
    let length = "\x7f";
    for (rest -= 127; rest >= 128; rest >>= 7) length += String.fromCharCode((rest & 127) | 128);
    return length + String.fromCharCode(rest) + text;
}

/** The header list of a well-behaved MCP client. */
export function usualHeaders({ url }: AttackTarget, token?: string): HeaderList {
    return [
        [":method", "POST"],
        [":scheme", "https"],
        [":path", url.pathname],
        [":authority", url.host],
        ["content-type", "application/json"],
        ["accept", "application/json, text/event-stream"],
        ...(token === undefined ? [] : ([["authorization", `Bearer ${token}`]] as HeaderList)),
    ];
}

/** Frames of one request with the message `initialize`. */
export function requestFrames(headers: HeaderList, stream = 1, body = initializeMessage): Buffer[] {
    return [
        frame(frameTypes.headers, endHeaders, stream, encodeHeaders(headers)),
        frame(frameTypes.data, endStream, stream, body),
    ];
}

/**
 * Sends HTTP/2 frames as they are and reads the responses until `streams` of them have ended, the connection is closed
 * or the time is over.
 */
export function sendFrames(
    url: URL,
    frames: Buffer[],
    { streams = 1, timeoutMs = 10_000 } = {},
): Promise<Outcome> {
    const port = Number(url.port === "" ? 443 : url.port);
    const servername = isIP(url.hostname) === 0 ? url.hostname : "";
    return new Promise((resolve, reject) => {
        const answers = new Map<number, Answer>();
        const ended = new Set<number>();
        let reset = false;
        let unread = Buffer.alloc(0);
        const options = { host: url.hostname, port, servername, ALPNProtocols: ["h2"] };
        const socket = connect(options, () => {
            socket.write(
                Buffer.concat([Buffer.from(preface), frame(frameTypes.settings, 0, 0), ...frames]),
            );
        });
        const finish = (closed: boolean) => {
            clearTimeout(timer);
            socket.destroy();
            resolve({ answers: [...answers.values()], closed });
        };
        const timer = setTimeout(() => finish(false), timeoutMs);
        socket.on("data", (chunk: Buffer) => {
            unread = Buffer.concat([unread, chunk]);
            for (let one = takeFrame(unread); one !== undefined; one = takeFrame(unread)) {
                unread = unread.subarray(9 + one.payload.length);
                const { type, flags, stream, payload } = one;
                if (type === frameTypes.headers) recordHeaders(answers, stream, payload);
                if (type === frameTypes.data) recordData(answers, stream, payload);
                if (type === frameTypes.settings && flags === 0) {
                    socket.write(frame(frameTypes.settings, 1, 0));
                }
                if (type === frameTypes.goAway) return finish(true);
                if (type === frameTypes.reset) reset = true;
                const last = type === frameTypes.headers || type === frameTypes.data;
                if (type === frameTypes.reset || (last && (flags & endStream) !== 0)) {
                    ended.add(stream);
                }
            }
            if (ended.size >= streams) finish(reset);
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "ECONNREFUSED") return reject(error);
            finish(true);
        });
        socket.on("end", () => finish(true));
        socket.on("close", () => finish(true));
    });
}

function takeFrame(bytes: Buffer) {
    if (bytes.length < 9 || bytes.length < 9 + bytes.readUIntBE(0, 3)) return undefined;
    const payload = bytes.subarray(9, 9 + bytes.readUIntBE(0, 3));
    const stream = bytes.readUInt32BE(5) & 0x7fffffff;
    return { type: bytes[3]!, flags: bytes[4]!, stream, payload };
}

function recordHeaders(answers: Map<number, Answer>, stream: number, block: Buffer): void {
    // A second header block of a stream holds trailers.
    if (answers.has(stream)) return;
    answers.set(stream, { status: readStatus(block), headers: {}, body: "" });
}

function recordData(answers: Map<number, Answer>, stream: number, payload: Buffer): void {
    const answer = answers.get(stream);
    if (answer !== undefined) answer.body += payload.toString("latin1");
}

/** Statuses with an entry of their own in the static table of HPACK, from index 8 on. */
const indexedStatuses = [200, 204, 206, 304, 400, 404, 500];

/** Reads `:status`, which comes first in every response, without decoding the rest. */
function readStatus(block: Buffer): number {
    let at = 0;
    // Updates of the dynamic table's size may precede it; 31 and above take further bytes.
    while ((block[at]! & 0xe0) === 0x20) {
        const long = (block[at]! & 0x1f) === 0x1f;
        at += 1;
        while (long && (block[at]! & 0x80) !== 0) at += 1;
        if (long) at += 1;
    }
    const indexed = indexedStatuses[(block[at]! & 0x7f) - 8];
    if ((block[at]! & 0x80) !== 0 && indexed !== undefined) return indexed;
    const huffman = (block[at + 1]! & 0x80) !== 0;
    const value = block.subarray(at + 2, at + 2 + (block[at + 1]! & 0x7f));
    return huffman ? readHuffmanDigits(value) : Number(value.toString("latin1"));
}

/** Digits in HPACK's Huffman code: five bits for 0 to 2, six for 3 to 9. */
function readHuffmanDigits(value: Buffer): number {
    const bits = [...value].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    let digits = "";
    for (let at = 0; digits.length < 3;) {
        const short = parseInt(bits.slice(at, at + 5), 2);
        digits += short <= 2 ? short : parseInt(bits.slice(at, at + 6), 2) - 0b011001 + 3;
        at += short <= 2 ? 5 : 6;
    }
    return Number(digits);
}
