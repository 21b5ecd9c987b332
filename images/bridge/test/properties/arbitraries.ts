import fc from "fast-check";
import type { JsonObject } from "../../src/json/jsonRpc.ts";

/** Text with what breaks careless code: line ends of every kind, halves of pairs, controls, keys of the protocol. */
export const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u2028", "\u2029", "\r\n", "\n", "\0", "\ufeff", "\u200d", "\\", '"', ""),
    fc.constantFrom('"id":7', '{"jsonrpc":"2.0","id":7,', ',"jsonrpc":"2.0","id":7}', "__proto__"),
);

/**
 * Members that messages have, so that they meet in one object more often than by chance. None with a backslash: V8 up to
 * 13.6 gives a name with an escape the name of an object it saw before, `{"a":0,"\\":0}` then `{"a":0,"\n":0}`.
 */
const memberName = fc.oneof(
    text.filter((name) => !name.includes("\\")),
    fc.constantFrom("id", "jsonrpc", "result", "error", "method", "params", "_meta", "tools"),
    fc.constantFrom("resultType", "ttlMs", "cacheScope", "inputResponses", "requestState", "task"),
);

/** Numbers that JSON gives back as they were. */
const json = { noNaN: true, noDefaultInfinity: true };

const { value } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.boolean(), fc.constant(null), fc.integer(), fc.double(json), text),
        fc.array(tie("value"), { maxLength: 4 }),
        tie("object"),
    ),
    object: fc.dictionary(memberName, tie("value"), { maxKeys: 5 }),
}));

/** Any JSON object, as `JSON.parse` gives it. */
export const jsonObject: fc.Arbitrary<JsonObject> = fc
    .dictionary(memberName, value, { maxKeys: 6 })
    .map((object) => JSON.parse(JSON.stringify(object)) as JsonObject);

/** An object as text, with the spaces that some servers write. */
export function write(object: unknown, spaced: boolean): string {
    return spaced ? JSON.stringify(object, null, 1).replaceAll("\n", " ") : JSON.stringify(object);
}
