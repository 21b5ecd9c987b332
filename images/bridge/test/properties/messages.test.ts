import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeLine } from "../../src/stdio/encodeLine.ts";
import { findAnswerId, parseMessage } from "../../src/stdio/parseMessage.ts";
import { joinText } from "../../src/json/text.ts";
import { jsonObject, text, write } from "./arbitraries.ts";

describe("messages", () => {
    it("come back from a line as they were put on it", () => {
        fc.assert(
            fc.property(jsonObject, (message) => {
                const line = joinText(encodeLine(message));
                // What ends a line for the readers of JavaScript and Python.
                assert.doesNotMatch(line, /[\n\r\u2028\u2029]/);
                const expected = JSON.parse(JSON.stringify({ jsonrpc: "2.0", ...message }));
                const { jsonrpc } = expected;
                assert.deepEqual(parseMessage(line), jsonrpc === "2.0" ? expected : undefined);
            }),
        );
    });

    it("are told from whatever else is on a line, which never fails", () => {
        fc.assert(
            fc.property(fc.oneof(text, fc.json(), jsonObject.map(String)), (line) => {
                const message = parseMessage(line);
                assert.ok(message === undefined || message.jsonrpc === "2.0");
            }),
        );
    });

    const id = fc.nat();
    const members = (id: number, content: object) => ({
        front: { jsonrpc: "2.0", id, ...content },
        middle: { id, jsonrpc: "2.0", ...content },
        back: { ...content, jsonrpc: "2.0", id },
        last: { jsonrpc: "2.0", ...content, id },
    });
    const order = fc.constantFrom("front", "middle", "back", "last");
    const ends = (line: string) => [line.slice(0, 256), line.slice(-256)] as const;
    /** Longer than both its ends, with whatever may stand near them. */
    const long = fc
        .tuple(jsonObject, jsonObject)
        .map(([first, last]) => ({ ...first, long: "x".repeat(600), zz: last }));

    it("that answer a call name it even when only their ends are left", () => {
        fc.assert(
            fc.property(id, order, fc.boolean(), (id, order, spaced) => {
                const content = { result: { long: "x".repeat(600) } };
                const line = write(members(id, content)[order], spaced);
                assert.equal(findAnswerId(...ends(line)), id);
            }),
        );
    });

    it("never name a call that they do not answer", () => {
        const content = fc.oneof(
            long.map((params) => ({ method: "sampling/createMessage", params })),
            long.map((params) => ({ params, method: "sampling/createMessage" })),
        );
        fc.assert(
            fc.property(content, id, order, fc.boolean(), (content, id, order, spaced) => {
                const line = write(members(id, content)[order], spaced);
                assert.equal(findAnswerId(...ends(line)), undefined, ends(line).join(" … "));
            }),
        );
    });

    it("never name another call than the one they answer", () => {
        const content = fc.oneof(
            long.map((result) => ({ result })),
            long.map((data) => ({ error: { code: -32603, message: "…", data } })),
        );
        fc.assert(
            fc.property(
                content,
                id,
                order,
                fc.nat(300),
                fc.boolean(),
                (content, id, order, spaces, spaced) => {
                    const line = write(members(id, content)[order], spaced);
                    const padded = line.replace("{", `{${" ".repeat(spaces)}`);
                    assert.ok([id, undefined].includes(findAnswerId(...ends(padded))), padded);
                },
            ),
            { numRuns: 1000 },
        );
    });
});
