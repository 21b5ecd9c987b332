import assert from "node:assert/strict";
import type { RequestId } from "../../src/json/jsonRpc.ts";
import { enterSession, type SessionHeaders } from "../support/enterSession.ts";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const gather = (value: string, id: RequestId, count = 2) =>
    callTool("gather", { count, steps: 0, value }, { id });

describe("answers of calls with equal ids", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    for (const id of [
        1,
        "1",
        0,
        "",
        -7,
        1.5,
        "ž🐎\u2028\n",
        "__proto__",
        Number.MAX_SAFE_INTEGER,
    ]) {
        it(`go to their own callers: ${JSON.stringify(id)}`, async () => {
            // The server answers the second call first.
            const [first, second] = await Promise.all([
                post(bridge.url, gather("first", id)),
                post(bridge.url, gather("second", id)),
            ]);
            assert.deepEqual([first.last.id, textOf(first)], [id, "first"]);
            assert.deepEqual([second.last.id, textOf(second)], [id, "second"]);
        });
    }

    it("are told apart by the type of the id", async () => {
        const [number, text] = await Promise.all([
            post(bridge.url, gather("number", 1)),
            post(bridge.url, gather("text", "1")),
        ]);
        assert.deepEqual([number.last.id, textOf(number)], [1, "number"]);
        assert.deepEqual([text.last.id, textOf(text)], ["1", "text"]);
    });

    it("go to two sessions, and to one client that names two calls alike", async () => {
        const [mine, other] = await Promise.all([
            enterSession(bridge.url),
            enterSession(bridge.url),
        ]);
        const callers: [SessionHeaders, string][] = [
            [mine, "a"],
            [other, "b"],
            [mine, "c"],
            [other, "d"],
        ];
        const answers = await Promise.all(
            callers.map(([headers, value]) =>
                post(bridge.url, gather(value, "same", 4), { headers }),
            ),
        );
        assert.deepEqual(answers.map(textOf), ["a", "b", "c", "d"]);
    });

    it("go to clients of 2026-07-28, which all say 1", async () => {
        const answers = await Promise.all(
            ["a", "b", "c"].map((value) =>
                postModern(bridge.url, "tools/call", {
                    name: "gather",
                    arguments: { count: 3, steps: 0, value },
                }),
            ),
        );
        assert.deepEqual(answers.map(textOf), ["a", "b", "c"]);
    });

    it("come in the order of their requests on one connection", async () => {
        const connection = await openConnection(bridge.url);
        const values = ["a", "b", "c", "d"];
        connection.socket.write(values.map((value) => writePost(gather(value, 1, 4))).join(""));
        await until(() => readAnswers(connection.text()).length === values.length);
        const answers = readAnswers(connection.text()).map(({ body }) => JSON.parse(body));
        assert.deepEqual(
            answers.map(({ result }) => result.content[0].text),
            values,
        );
        connection.socket.destroy();
    });

    it("are good again when an id is used anew", async () => {
        const headers = await enterSession(bridge.url);
        for (const value of ["one", "two", "three"]) {
            const { last } = await post(bridge.url, callTool("echo", { value }, { id: "again" }), {
                headers,
            });
            assert.deepEqual([last.id, last.result.content[0].text], ["again", value]);
        }
    });

    it("are not taken from a server that answers twice, or what was never asked", async () => {
        const answer = (id: string, text: string) =>
            `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${text}"}]}}\n`;
        const said = ["ID", "ID", "999999", '"1"', "null", "-1"].map((id, at) =>
            answer(id, `n${at}`),
        );
        const base64 = Buffer.from(said.join("")).toString("base64");
        const [mine, other] = await Promise.all([
            post(bridge.url, callTool("raw", { base64, answered: false })),
            post(bridge.url, gather("other", 1, 1)),
        ]);
        assert.deepEqual(mine.messages.length, 1);
        assert.equal(textOf(mine), "n0");
        assert.equal(textOf(other), "other");
        assert.equal(bridge.counts().calls, 0);
    });
});
