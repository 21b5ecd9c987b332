import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeLine } from "../../src/stdio/encodeLine.ts";
import { findMember } from "../../src/json/memberText.ts";
import { forgetSource, keepSource, sourceOf } from "../../src/json/sourceText.ts";
import { joinText, largeText } from "../../src/json/text.ts";
import { isObject, type JsonObject } from "../../src/json/jsonRpc.ts";
import { jsonObject, write } from "./arbitraries.ts";

const path = ["params", "arguments"];
const find = (text: string): string | undefined => findMember(Buffer.from(text), path)?.toString();

/** A request that is read from a text of its own. */
function read(text: string): JsonObject {
    const message = JSON.parse(text) as JsonObject;
    keepSource(message, text, Buffer.from(text));
    return message;
}

function argumentsOf({ params }: JsonObject): unknown {
    return isObject(params) ? params.arguments : undefined;
}

const filling = "x".repeat(largeText);

describe("the text of arguments", () => {
    it("is found wherever it stands, however it is written", () => {
        const around = fc.tuple(jsonObject, jsonObject, jsonObject, jsonObject);
        fc.assert(
            fc.property(jsonObject, around, fc.boolean(), (args, [a, b, c, d], spaced) => {
                const clean = (members: JsonObject): [string, unknown][] =>
                    Object.entries(members).filter(
                        ([name]) => !/[\\"\u0000-\u001f]|^(params|arguments)$/.test(name),
                    );
                const params = Object.fromEntries([...clean(a), ["arguments", args], ...clean(b)]);
                const message = Object.fromEntries([...clean(c), ["params", params], ...clean(d)]);
                const found = find(write(message, spaced));
                assert.ok(found !== undefined);
                assert.deepEqual(JSON.parse(found), JSON.parse(JSON.stringify(args)));
            }),
        );
    });

    const values = ["{}", '""', "-1.5e3", "true", "null", "[]", '[{"a":"]}"}]', '"\\\\"', '"\\""'];
    for (const value of values) {
        it(`is found when it is ${value}, with and without space around`, () => {
            assert.equal(find(`{"params":{"arguments":${value}}}`), value);
            assert.equal(find(` { "params" : { "arguments" : ${value} , "b" : 1 } } `), value);
            assert.equal(
                find(`{"a":${value},"params":{"b":${value},"arguments":${value}}}`),
                value,
            );
        });
    }

    for (const length of [0, 30, 31, 32, 33, 34, 63, 64, 65, 1000]) {
        it(`ends where it ends, with ${length} characters before an escape`, () => {
            for (const end of ["\\\\", '\\"', '\\\\\\"', '\\"\\"', "\\u0022", ""]) {
                const value = `"${"x".repeat(length)}${end}"`;
                assert.equal(find(`{"params":{"arguments":${value},"z":"}"}}`), value);
            }
        });
    }

    const doubtful = {
        "is there twice": '{"params":{"arguments":{"a":1},"arguments":{"a":2}}}',
        "is in an object that is there twice":
            '{"params":{"arguments":{"a":1}},"params":{"arguments":{"a":2}}}',
        "may be there twice, once with escapes":
            '{"params":{"arguments":{"a":1},"\\u0061rguments":{"a":2}}}',
        "is not there": '{"params":{"argument":{"arguments":1}}}',
        "has no object around it": '{"params":["arguments"]}',
    };
    for (const [what, text] of Object.entries(doubtful)) {
        it(`is not taken when it ${what}`, () => {
            assert.equal(find(text), undefined);
        });
    }

    it("reaches the server as it came, number by number", () => {
        const args = `{"n":12345678901234567890,"f":1.0,"s":"\\u0041","text":"${filling}"}`;
        const message = read(`{"params":{"name":"t","arguments":${args}},"id":1,"method":"m"}`);
        const line = joinText(encodeLine({ ...message, id: 7 }));
        assert.ok(line.endsWith(`"arguments":${args}}}`));
        assert.deepEqual(JSON.parse(line), { jsonrpc: "2.0", ...message, id: 7 });
    });

    it("says what was read, whatever is written around it", () => {
        fc.assert(
            fc.property(jsonObject, jsonObject, (args, others) => {
                const params = { ...others, arguments: { ...args, filling } };
                const message = read(JSON.stringify({ id: 1, method: "tools/call", params }));
                const sent = { id: 2, method: "tools/call", params: message.params };
                const line = joinText(encodeLine(sent));
                assert.doesNotMatch(line, /[\n\r\u2028\u2029]/);
                assert.deepEqual(
                    JSON.parse(line),
                    JSON.parse(JSON.stringify({ jsonrpc: "2.0", ...sent })),
                );
            }),
        );
    });

    const lines = { "a line feed": "\n", "a carriage return": "\r", "U+2028": '"\u2028"' };
    for (const [what, text] of Object.entries(lines)) {
        it(`is written anew when it has ${what}, which would end the server's line`, () => {
            const value = text.startsWith('"') ? text : `${text}1`;
            const message = read(`{"params":{"arguments":{"a":${value},"b":"${filling}"}}}`);
            assert.equal(sourceOf(argumentsOf(message)), undefined);
            assert.doesNotMatch(joinText(encodeLine(message)), /[\n\r\u2028\u2029]/);
        });
    }

    for (const number of [
        "12345678901234567",
        "-0.1234567890123456789",
        "[1e5,9007199254740993]",
        "1e400",
        "-2E-400",
    ]) {
        it(`is kept of a small request with ${number}, which reading would change`, () => {
            const args = `{"id":${number},"name":"x"}`;
            const message = read(`{"params":{"name":"t","arguments":${args}}}`);
            assert.ok(joinText(encodeLine(message)).endsWith(`"arguments":${args}}}`));
        });
    }

    it("is not kept of small requests", () => {
        const message = read('{"params":{"arguments":{"a":123456789012345,"b":1e99}}}');
        assert.equal(sourceOf(argumentsOf(message)), undefined);
    });

    it("is written anew once something was decided by what it says", () => {
        const message = read(`{"params":{"arguments":{"a":1,"a":2,"b":"${filling}"}}}`);
        forgetSource(argumentsOf(message));
        assert.ok(joinText(encodeLine(message)).includes('"arguments":{"a":2,"b":'));
    });
});
