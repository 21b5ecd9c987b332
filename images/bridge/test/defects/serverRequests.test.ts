import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { openStream } from "../support/eventStream.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

const methods = ["sampling/createMessage", "elicitation/create", "roots/list"];
/** A request of the server, with an id that a client could have chosen as well. */
const ask = (method: string) =>
    callTool("ask", { request: { jsonrpc: "2.0", id: 1, method, params: {} } });

describe("what a process that many clients share asks, logs or says of nobody in particular", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly();
    });
    after(() => bridge.close());

    for (const method of methods) {
        it(`is refused at once, also when one client alone is there: ${method}`, async () => {
            const headers = await enterSession(bridge.url);
            const stream = await openStream(bridge.url, undefined, { headers });
            const plain = await post(bridge.url, ask(method), { headers });
            const modern = await postModern(
                bridge.url,
                "tools/call",
                ask(method).params as Record<string, unknown>,
            );
            for (const answer of [plain, modern]) {
                const { id, error } = JSON.parse(textOf(answer));
                assert.deepEqual([id, error.code], [1, -32021]);
                assert.match(error.message, /serves many clients by one process/);
                assert.equal(answer.messages.length, 1);
            }
            assert.deepEqual(stream.messages(), []);
            stream.leave();
        });
    }

    it("is refused as unknown when no client could be asked it", async () => {
        for (const method of ["tools/list", "no/such", "__proto__", "constructor"]) {
            const { error } = JSON.parse(textOf(await post(bridge.url, ask(method))));
            assert.equal(error.code, -32601);
        }
    });

    it("is answered when it is a ping", async () => {
        const { result } = JSON.parse(textOf(await post(bridge.url, ask("ping"))));
        assert.deepEqual(result, {});
    });

    it("goes to nobody: neither the one caller there is, nor those who listen", async () => {
        const headers = await enterSession(bridge.url);
        const stream = await openStream(bridge.url, undefined, { headers });
        const said = [
            { method: "notifications/message", params: { level: "error", data: "of another" } },
            { method: "notifications/elicitation/complete", params: { elicitationId: "x" } },
            { method: "notifications/cancelled", params: { requestId: 1 } },
            { method: "notifications/resources/updated", params: { uri: "of://another" } },
            { method: "notifications/tools/list_changed" },
        ].map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
        const base64 = Buffer.from(said.join("")).toString("base64");
        const own = await post(bridge.url, callTool("raw", { base64 }, { progressToken: 1 }), {
            headers,
        });
        assert.equal(own.messages.length, 1);
        // Only what concerns everybody is heard, and it was said last.
        await until(() => stream.messages().length > 0);
        assert.deepEqual(
            stream.messages().map(({ method }) => method),
            ["notifications/tools/list_changed"],
        );
        stream.leave();
    });
});
