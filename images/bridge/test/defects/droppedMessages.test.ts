import assert from "node:assert/strict";
import { callModern } from "../support/callModern.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool } from "../support/post.ts";
import { openSession } from "../support/rawSession.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const subject = "alice";
/** What a server may write that is for nobody. */
const lines = {
    answer: '{"jsonrpc":"2.0","id":99999,"result":{}}',
    line: "Starting …",
    progress:
        '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":99999,"progress":1}}',
    log: '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}',
};
type Kind = keyof typeof lines;

/** Ways of a call; a process of one session has its log and progress passed on. */
const ways: [
    isolation: "shared" | "session" | "principal" | "request",
    era: string,
    kinds: Kind[],
][] = [
    ["shared", "up to 2025-11-25", ["answer", "line", "progress", "log"]],
    ["shared", "from 2026-07-28 on", ["answer", "line", "progress", "log"]],
    ["session", "up to 2025-11-25", ["answer", "line"]],
    ["session", "from 2026-07-28 on", ["answer", "line"]],
    ["principal", "up to 2025-11-25", ["answer", "line"]],
    ["request", "from 2026-07-28 on", ["answer", "line"]],
];

async function readDropped({ url }: RunningBridge): Promise<Record<string, number>> {
    const text = await (await fetch(new URL("/metrics", url))).text();
    const series = text.matchAll(/^mcp_dropped_messages_total\{.*kind="(\w+)".*\} (\d+)$/gm);
    return Object.fromEntries([...series].map(([, kind, count]) => [kind, Number(count)]));
}

describe("messages of a server that reach nobody", () => {
    for (const [isolation, era, kinds] of ways) {
        it(`are counted by kind, under '${isolation}', of a client ${era}`, async () => {
            const bridge = await startUnruly({ isolation, identity: "headers" });
            try {
                assert.deepEqual(await readDropped(bridge), {});
                const text = kinds.map((kind) => `${lines[kind]}\n`.repeat(2)).join("");
                const args = { base64: Buffer.from(text).toString("base64") };
                if (era === "up to 2025-11-25") {
                    const session = await openSession(bridge.url, { subject });
                    assert.equal((await session.call("raw", args)).status, 200);
                } else {
                    assert.equal(
                        (await callModern(bridge.url, "raw", args, { subject })).status,
                        200,
                    );
                }
                assert.deepEqual(
                    await readDropped(bridge),
                    Object.fromEntries(kinds.map((kind) => [kind, 2])),
                );
            } finally {
                await bridge.close();
            }
        });
    }

    it("are counted when their client does not read", async () => {
        const bridge = await startUnruly();
        try {
            const call = callTool(
                "flood",
                { events: 40, bytes: 1024 * 1024 },
                { progressToken: "p" },
            );
            const stream = await openStream(bridge.url, call, { paused: true });
            await until(() => bridge.counts().calls === 0);
            assert.ok(((await readDropped(bridge)).unread ?? 0) > 0);
            stream.resume();
            await stream.ended;
        } finally {
            await bridge.close();
        }
    });
});
