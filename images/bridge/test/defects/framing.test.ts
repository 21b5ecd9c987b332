import assert from "node:assert/strict";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** A call during which the server writes `bytes`, and then its answer, "sane". */
const say = (bytes: string | Buffer, more: object = {}, own: object = {}) =>
    callTool("raw", { base64: Buffer.from(bytes).toString("base64"), ...more }, own);

/** JSON that is an array in an array in an array… */
const nest = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

const result = '"result":{"content":[{"type":"text","text":"x"}]}';

describe("what a server writes besides messages", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    const garbage: Record<string, string | Buffer> = {
        "a banner": "Server running on stdio\n",
        "many lines": "debug\n".repeat(10_000),
        "empty lines": "\n\r\n \n\t\n",
        "JSON that is no message":
            '{}\n[]\nnull\n7\n"x"\n{"jsonrpc":"1.0","id":ID}\n[{"jsonrpc":"2.0"}]\n',
        "broken JSON": `{"jsonrpc":"2.0","id":ID,${result}\n{"jsonrpc":"2.0"\n}\n`,
        "nulls and controls": Buffer.from([0, 1, 2, 0x7f, 0x1b, 0x5b, 0x41, 10]),
        "a message without an end, joined to the next": "half of a ",
        "a nest without an end": `{"jsonrpc":"2.0","method":"x","params":${"[".repeat(100_000)}\n`,
        "a deep nest": `{"jsonrpc":"2.0","method":"x","params":{"a":${nest(100_000)}}}\n`,
    };
    for (const [what, bytes] of Object.entries(garbage)) {
        it(`is not taken for an answer and ends nothing: ${what}`, async () => {
            const tail = what.startsWith("a message without") ? "\n" : "";
            const answer = await post(
                bridge.url,
                say(Buffer.concat([Buffer.from(bytes), Buffer.from(tail)])),
            );
            assert.equal(textOf(answer), "sane");
            assert.equal(bridge.child.restarts, 0);
            assert.equal(bridge.counts().calls, 0);
        });
    }

    const answer = (text: Buffer | string) =>
        Buffer.concat([
            Buffer.from('{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"'),
            Buffer.from(text),
            Buffer.from('"}]}}\n'),
        ]);
    const unreadable: Record<string, [line: Buffer, problem: string]> = {
        "bytes that are no UTF-8": [
            answer(Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0])),
            "not UTF-8",
        ],
        "a deep nest": [
            Buffer.from(`{"jsonrpc":"2.0","id":ID,"result":${nest(5000)}}\n`),
            "nested more than 1000 levels deep",
        ],
    };
    for (const [what, [line, problem]] of Object.entries(unreadable)) {
        it(`fails the call that it answers, and no other: ${what}`, async () => {
            const [mine, other] = await Promise.all([
                post(bridge.url, say(line, { answered: false }, { id: "mine" })),
                post(bridge.url, say("")),
            ]);
            const error = { code: -32603, message: `the server's answer is ${problem}` };
            assert.deepEqual(mine.last, { jsonrpc: "2.0", id: "mine", error });
            assert.equal(textOf(other), "sane");
            assert.equal(bridge.child.restarts, 0);
        });
    }

    it("is not written to the log, only that it came", async () => {
        const before = bridge.log.length;
        await post(bridge.url, say("hidden words\n"));
        const lines = bridge.log.slice(before);
        assert.ok(lines.some(({ event, bytes }) => event === "not a message" && bytes === 12));
        assert.doesNotMatch(JSON.stringify(lines), /hidden words/);
    });
});

describe("answers in any form that JSON allows", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    const forms: Record<string, string> = {
        "id first": `{"jsonrpc":"2.0","id":ID,${result}}\n`,
        "id last": `{${result},"jsonrpc":"2.0","id":ID}\n`,
        "with spaces": `  { "jsonrpc" : "2.0" , "id" : ID , ${result} }  \n`,
        "with carriage returns": `{"jsonrpc":"2.0","id":ID,${result}}\r\n`,
        "with carriage returns inside": `{"jsonrpc":"2.0","id":ID,"result":{\r"content"\r:[\r{"type":"text","text":"x"}]}}\n`,
        "with escapes": `{"\\u006asonrpc":"2.0","id":ID,${result.replace('"x"', '"\\u0078"')}}\n`,
        "with members of its own": `{"jsonrpc":"2.0","id":ID,"extra":{"id":5},${result},"id":ID}\n`,
        "as two writes of one byte sequence": `{"jsonrpc":"2.0","id":ID,${result}}\n`,
    };
    for (const [form, line] of Object.entries(forms)) {
        it(`reach both eras, plain and in a stream: ${form}`, async () => {
            const progress =
                '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":TOKEN,\r"progress":1}}\n';
            const own = { id: "mine", progressToken: "t" };
            const plain = await post(bridge.url, say(line, { answered: false }, own));
            const stream = await post(bridge.url, say(progress + line, { answered: false }, own));
            const modern = await postModern(bridge.url, "tools/call", {
                ...(say(progress + line, { answered: false }).params as object),
                _meta: { progressToken: "t" },
            });
            assert.deepEqual([plain.type, stream.type], ["application/json", "text/event-stream"]);
            for (const answer of [plain, stream, modern]) {
                assert.equal(textOf(answer), "x");
            }
            assert.deepEqual([plain.last.id, stream.last.id], ["mine", "mine"]);
            assert.equal(stream.messages[0].params.progressToken, "t");
        });
    }

    it("keep lines of a stream apart: no line end of any kind is within one", async () => {
        const line = `{"jsonrpc":"2.0","id":ID,"result":{\r"content"\r:[],"\u2028":"\u2029\u0085"}}\n`;
        const progress =
            '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":TOKEN,"progress":1,"message":"a\\r\\nb"}}\n';
        const call = say(progress + line, { answered: false }, { progressToken: 1 });
        const stream = await openStream(bridge.url, call);
        await stream.ended;
        const [, second = ""] = stream.text().split("\n\n");
        assert.doesNotMatch(stream.text(), /\r/);
        assert.equal(stream.messages()[0].params.message, "a\r\nb");
        assert.deepEqual(JSON.parse(second.replace(/^event: message\ndata: /, "")), {
            jsonrpc: "2.0",
            id: 1,
            result: { content: [], "\u2028": "\u2029\u0085" },
        });
    });
});

describe("what a client sends that is no message", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    const bodies: Record<string, Buffer> = {
        "no UTF-8": Buffer.concat([
            Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"'),
            Buffer.from([0xff, 0xfe]),
            Buffer.from('"}}'),
        ]),
        "half a character": Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ž"}').subarray(0, -3),
        "UTF-16": Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', "utf16le"),
        "two messages": Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}\n{}'),
        nothing: Buffer.alloc(0),
        "a deep nest": Buffer.from(
            `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":${nest(5000)}}}`,
        ),
    };
    for (const [what, body] of Object.entries(bodies)) {
        it(`is refused with 400, and the connection goes on: ${what}`, async () => {
            const { socket, text } = await openConnection(bridge.url);
            const head = writePost(null, { length: body.length }).slice(0, -"null".length);
            socket.write(Buffer.concat([Buffer.from(head), body]));
            socket.write(writePost({ jsonrpc: "2.0", id: 7, method: "ping" }));
            await until(() => readAnswers(text()).length === 2);
            const [refused, next] = readAnswers(text());
            assert.equal(refused?.status, 400);
            assert.equal(JSON.parse(refused.body).error.code, -32700);
            assert.deepEqual(JSON.parse(next?.body ?? ""), { jsonrpc: "2.0", id: 7, result: {} });
            socket.destroy();
        });
    }

    it("never puts a line end of its own between the server's lines", async () => {
        const value = "\n{}\r\n\u2028\u2029\u0085\0";
        assert.equal(textOf(await post(bridge.url, callTool("echo", { value }))), value);
        // In its own text, too: spaces between tokens may be line ends.
        const text = JSON.stringify(callTool("echo", { value: "x" }), null, "\r\n\t");
        assert.equal(textOf(await post(bridge.url, text)), "x");
    });
});
