import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf, type Answered } from "../support/post.ts";
import { modernOnly } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const mebibyte = 1024 * 1024;
const value = "x".repeat(3 * mebibyte);

/** Ways to send three mebibytes. */
const ways: Record<string, (url: string) => Promise<Answered>> = {
    "2025-11-25": async (url) =>
        post(url, callTool("echo", { value }), { headers: await enterSession(url) }),
    "2026-07-28": (url) => postModern(url, "tools/call", { name: "echo", arguments: { value } }),
};

function stop({ child }: RunningBridge): void {
    process.kill(child.pid ?? 0, "SIGSTOP");
}

function goOn({ child }: RunningBridge): void {
    process.kill(child.pid ?? 0, "SIGCONT");
}

for (const [server, start] of [
    ["of 2025-11-25", () => startUnruly()],
    ["of 2026-07-28", () => startFixture({ command: modernOnly, graceSeconds: 0 })],
] as const) {
    describe(`a server ${server} that does not read its input`, () => {
        let bridge: RunningBridge;
        beforeEach(async () => {
            bridge = await start();
            // Whatever is asked before a first call is known then.
            await postModern(bridge.url, "tools/call", { name: "echo", arguments: { value: "" } });
        });
        afterEach(async () => {
            goOn(bridge);
            await bridge.close();
        });

        for (const [client, call] of Object.entries(ways)) {
            it(`is sent no more than it leaves unread: then calls are refused with 503 until it reads (${client})`, async () => {
                stop(bridge);
                const answers: Promise<Answered>[] = [];
                let refused: Answered | undefined;
                while (refused === undefined && answers.length < 20) {
                    const before = bridge.child.connection.unreadBytes;
                    const answer = call(bridge.url);
                    answers.push(answer);
                    await Promise.race([
                        answer.then((early) => (refused = early)),
                        until(() => bridge.child.connection.unreadBytes > before),
                    ]);
                }
                assert.ok(refused, "20 calls were taken");
                assert.equal(refused.status, 503);
                assert.equal(refused.headers.get("retry-after"), "2");
                assert.match(refused.last.error.message, /does not read its input/);
                assert.ok(bridge.child.connection.unreadBytes < 20 * mebibyte);

                goOn(bridge);
                void answers.pop();
                assert.ok(answers.length >= 5);
                for (const answer of await Promise.all(answers)) {
                    assert.ok(textOf(answer) === value);
                }
                assert.ok(textOf(await call(bridge.url)) === value);
                assert.equal(bridge.child.connection.unreadBytes, 0);
            });
        }

        it("is not overrun by REST either", async () => {
            stop(bridge);
            const body = JSON.stringify({ value });
            const send = async () =>
                await fetch(new URL("/tools/echo", bridge.url), {
                    method: "POST",
                    headers: { "content-type": "application/json" },
                    body,
                });
            const waiting: Promise<Response>[] = [];
            let refused: Response | undefined;
            while (refused === undefined && waiting.length < 20) {
                const before = bridge.child.connection.unreadBytes;
                const answer = send();
                waiting.push(answer);
                await Promise.race([
                    answer.then((early) => (refused = early)),
                    until(() => bridge.child.connection.unreadBytes > before),
                ]);
            }
            assert.ok(refused, "20 calls were taken");
            assert.equal(refused.status, 503);
            assert.notEqual(refused.headers.get("retry-after"), null);
            goOn(bridge);
            void waiting.pop();
            for (const answer of await Promise.all(waiting)) {
                assert.equal(answer.status, 200);
                await answer.text();
            }
        });
    });
}
