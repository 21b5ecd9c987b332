import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "../../src/stdio/lineSplitter.ts";

const limit = 300;

/** What a splitter says of bytes that come in pieces: lines as hexadecimal, and the ends of those too long. */
function split(bytes: Buffer, cuts: number[]): string[] {
    const said: string[] = [];
    const splitter = new LineSplitter(limit, {
        onLine: (line) => said.push(`line ${line.toString("hex")}`),
        onOversize: (head, tail) => said.push(`too long ${JSON.stringify([head, tail])}`),
    });
    const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
    [...ends, bytes.length].reduce((start, end) => {
        splitter.push(bytes.subarray(start, end));
        return end;
    }, 0);
    return said;
}

/** The same by the definition. */
function describeLines(bytes: Buffer): string[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        lines.push(bytes.subarray(start, end));
        start = end + 1;
    }
    return lines.map((line) => {
        const ends = [line.subarray(0, 256), line.subarray(-256)].map(String);
        return line.length > limit
            ? `too long ${JSON.stringify(ends)}`
            : `line ${line.toString("hex")}`;
    });
}

/** Any bytes, text or not; mostly short lines, some about as long as the limit. */
const bytes = fc
    .array(
        fc.oneof(
            fc.uint8Array({ maxLength: 30 }),
            fc.constantFrom("\n", "\n\n", "\r\n", "\u2028", "é".repeat(100)).map(encode),
            fc.integer({ min: limit - 2, max: limit + 2 }).map((size) => encode("x".repeat(size))),
        ),
        { maxLength: 12 },
    )
    .map((pieces) => Buffer.concat(pieces));

function encode(text: string): Uint8Array {
    return Buffer.from(text);
}

describe("framing", () => {
    it("makes the same lines of any bytes, in whatever pieces they come", () => {
        fc.assert(
            fc.property(bytes, fc.array(fc.nat(), { maxLength: 8 }), (stream, cuts) => {
                // In pieces, the first bytes of a line too long may be cut within a character at its end.
                assert.deepEqual(split(stream, cuts), describeLines(stream));
            }),
            { numRuns: 1000 },
        );
    });

    it("makes the same lines of bytes that come one by one", () => {
        fc.assert(
            fc.property(bytes, (stream) => {
                const everywhere = Array.from(stream, (_, index) => index);
                assert.deepEqual(split(stream, everywhere), describeLines(stream));
            }),
        );
    });
});
