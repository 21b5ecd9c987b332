import assert from "node:assert/strict";
import { openConnection, readAnswers, writePost } from "../support/connection.ts";
import { callTool, post, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const message = callTool("echo", { value: "never" });
const whole = writePost(message);

describe("a connection that is open but goes no further", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly({ maxInFlight: 5 }, { requestTimeout: 400 });
        await until(() => bridge.child.description !== undefined);
    });
    after(() => bridge.close());

    const parts: Record<string, string> = {
        "half of the first line": "POST /mc",
        "half of the head": whole.slice(0, 60),
        "the head alone": whole.slice(0, whole.indexOf("{")),
        "half of the body": whole.slice(0, -10),
    };
    for (const [what, part] of Object.entries(parts)) {
        it(`is ended with 408 when it brings ${what}, and nothing of it is served`, async () => {
            const { socket, text, ended } = await openConnection(bridge.url);
            socket.write(part);
            await ended;
            assert.match(text(), /^HTTP\/1\.1 408 /);
            await until(() => bridge.counts().inFlight === 0);
            assert.deepEqual(JSON.parse(textOf(await post(bridge.url, callTool("received")))), [
                { method: "notifications/initialized", params: {} },
            ]);
        });
    }

    it("is ended although it brings a byte now and then", async () => {
        const { socket, text, ended } = await openConnection(bridge.url);
        let sent = 0;
        const timer = setInterval(() => socket.writable && socket.write(whole[sent++] ?? ""), 20);
        const began = performance.now();
        await ended;
        clearInterval(timer);
        assert.match(text(), /^HTTP\/1\.1 408 /);
        assert.ok(performance.now() - began < 2000);
        assert.ok(sent < whole.length);
    });

    it("keeps others out only until then", async () => {
        const head = whole.slice(0, whole.indexOf("{"));
        const connections = await Promise.all(
            [1, 2, 3, 4, 5].map(() => openConnection(bridge.url)),
        );
        connections.forEach(({ socket }) => socket.write(head));
        await until(() => bridge.counts().inFlight === 5);
        const { status, headers } = await post(bridge.url, message);
        assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
        await Promise.all(connections.map(({ ended }) => ended));
        assert.equal(textOf(await post(bridge.url, message)), "never");
    });

    it("is left alone while its request, which is all there, is worked on", async () => {
        const { socket, text } = await openConnection(bridge.url);
        socket.write(writePost(callTool("work", { ms: 1200 })));
        await until(() => readAnswers(text()).length === 1);
        const [answer] = readAnswers(text());
        assert.equal(answer?.status, 200);
        // And takes the next request.
        socket.write(whole);
        await until(() => readAnswers(text()).length === 2);
        socket.destroy();
    });
});
