import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, type Answered } from "../support/post.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";

const modernServer = fileURLToPath(new URL("../fixtures/modernServer.mjs", import.meta.url));
const steps = 4;
const token = "equal";

/** A call that is answered with its own value when `count` of them are there, each with progress in between. */
const gather = (count: number, value: string) => ({
    name: "gather",
    arguments: { count, steps, value },
    _meta: { progressToken: token },
});

/** Ways to make the same calls at once. */
const ways: Record<string, (url: string, count: number) => Promise<Promise<Answered>[]>> = {
    "clients without a session": (url, count) =>
        Promise.resolve(
            range(count).map((index) => post(url, request(gather(count, String(index))))),
        ),
    "clients of 2025-11-25": async (url, count) => {
        const sessions = await Promise.all(range(count).map(() => enterSession(url)));
        return sessions.map((headers, index) =>
            post(url, request(gather(count, String(index))), { headers }),
        );
    },
    "one client of 2025-11-25": async (url, count) => {
        const headers = await enterSession(url);
        return range(count).map((index) =>
            post(url, { ...request(gather(count, String(index))), id: index }, { headers }),
        );
    },
    "clients of 2026-07-28": (url, count) =>
        Promise.resolve(
            range(count).map((index) =>
                postModern(url, "tools/call", gather(count, String(index))),
            ),
        ),
};

function request(params: object) {
    return { jsonrpc: "2.0", id: "equal", method: "tools/call", params };
}

function range(count: number): number[] {
    return Array.from({ length: count }, (_, index) => index);
}

function assertOwn({ type, messages }: Answered, value: string): void {
    assert.equal(type, "text/event-stream");
    const told = messages.map(({ params, result }) => params ?? result.content[0].text);
    const progress = range(steps).map((step) => ({
        progressToken: token,
        progress: step + 1,
        total: steps,
    }));
    assert.deepEqual(told, [...progress, value]);
}

describe("progress of calls at once reaches exactly its caller, in order and before the result", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    for (const [who, makeCalls] of Object.entries(ways)) {
        for (const count of [2, 50]) {
            it(`for ${count} calls of ${who}, though ids and tokens are equal`, async () => {
                // The server writes the progress of all and their results in one piece, woven into each other.
                const answers = await Promise.all(await makeCalls(bridge.url, count));
                answers.forEach((answer, index) => assertOwn(answer, String(index)));
            });
        }
    }

    it("for two eras at once over one process", async () => {
        const [old, modern] = await Promise.all([
            post(bridge.url, request(gather(2, "old"))),
            postModern(bridge.url, "tools/call", gather(2, "modern")),
        ]);
        assertOwn(old, "old");
        assertOwn(modern, "modern");
    });

    it("and no caller that did not ask for progress, nor one that takes no stream", async () => {
        const silent = { ...gather(3, "silent"), _meta: {} };
        const headers = { accept: "application/json" };
        const [asking, without, plain] = await Promise.all([
            post(bridge.url, request(gather(3, "asking"))),
            post(bridge.url, request(silent)),
            post(bridge.url, request(gather(3, "plain")), { headers }),
        ]);
        assertOwn(asking, "asking");
        for (const [answer, value] of [
            [without, "silent"],
            [plain, "plain"],
        ] as const) {
            assert.equal(answer.type, "application/json");
            assert.equal(answer.last.result.content[0].text, value);
        }
    });

    it("and nobody when it comes after the result, or names no call", async () => {
        const progress = (progressToken: string) =>
            `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${progressToken},"progress":9}}\n`;
        const answer = '{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}\n';
        const lines = ["987654", '"equal"', "null", "ID"].map(progress);
        const said = `${lines.slice(0, 3).join("")}${answer}${lines[3]}`;
        const base64 = Buffer.from(said).toString("base64");
        const call = callTool("raw", { base64, answered: false }, { progressToken: token });
        const [{ messages }, other] = await Promise.all([
            post(bridge.url, call),
            post(bridge.url, callTool("echo", { value: "x" }, { progressToken: token })),
        ]);
        assert.deepEqual(messages, [{ jsonrpc: "2.0", id: 1, result: { content: [] } }]);
        assert.equal(other.messages.length, 1);
    });
});

describe("progress of a server of 2026-07-28 alone", () => {
    it("reaches its caller of either era, before the result", async () => {
        const bridge = await startFixture({
            command: [process.execPath, modernServer],
            graceSeconds: 0,
        });
        try {
            const params = {
                name: "progress",
                arguments: { steps },
                _meta: { progressToken: token },
            };
            const headers = await enterSession(bridge.url);
            const answers = await Promise.all(
                range(25).flatMap(() => [
                    post(bridge.url, request(params), { headers }),
                    postModern(bridge.url, "tools/call", params),
                ]),
            );
            answers.forEach((answer) => assertOwn(answer, "done"));
        } finally {
            await bridge.close();
        }
    });
});
