import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "../src/stdio/lineSplitter.ts";

function split(bytes: Buffer, cuts: number[], limit: number) {
    const lines: string[] = [];
    const oversize: [string, string][] = [];
    const splitter = new LineSplitter(limit, {
        onLine: (line) => lines.push(line.toString("utf8")),
        onOversize: (...ends) => oversize.push(ends),
    });
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
        (a, b) => a - b,
    );
    let start = 0;
    for (const end of ends) {
        splitter.push(bytes.subarray(start, end));
        start = end;
    }
    return { lines, oversize };
}

describe("LineSplitter", () => {
    it("gives the same lines however the bytes are cut", () => {
        const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
        fc.assert(
            fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
                const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
                assert.deepEqual(split(bytes, cuts, 1 << 20).lines, lines);
            }),
        );
    });

    it("drops a line over the limit, keeps both its ends, and goes on with the next", () => {
        const long = `{"id":7,${"x".repeat(5000)},"jsonrpc":"2.0"}`;
        const { lines, oversize } = split(
            Buffer.from(`before\n${long}\nafter\n`),
            [100, 2000],
            1000,
        );
        assert.deepEqual(lines, ["before", "after"]);
        assert.equal(oversize.length, 1);
        assert.ok(oversize[0]?.[0].startsWith('{"id":7,'));
        assert.ok(oversize[0]?.[1].endsWith('"jsonrpc":"2.0"}'));
    });
});
