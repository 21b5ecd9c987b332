import assert from "node:assert/strict";
import { callModern, whoamiModern } from "../support/callModern.ts";
import { isAlive } from "../support/isAlive.ts";
import { openListening } from "../support/openListening.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { initialize, openSession } from "../support/rawSession.ts";
import { listServers } from "../support/listServers.ts";
import { remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

const asked = { elicitation: {} };
const common = { command: remembering, identity: "headers" as const };
const question = { method: "elicitation/create", params: { message: "?" }, id: "q" };

/** Calls that take `ms`, from every kind of client: the text of each result or error. */
async function callAs(bridge: RunningBridge, ms: number): Promise<Promise<string>[]> {
    const session = await openSession(bridge.url, { capabilities: asked });
    const shared = await openSession(bridge.url);
    const calls = [
        session.call("sleep", { ms }),
        shared.call("sleep", { ms }),
        post(bridge.url, callTool("sleep", { ms })),
        callModern(bridge.url, "sleep", { ms }),
        callModern(bridge.url, "sleep", { ms }, { capabilities: asked }),
    ];
    return calls.map(async (call) => {
        const { last } = await call;
        return last.error?.message ?? last.result.content[0].text;
    });
}

describe("a bridge that is told to end", () => {
    let bridge: RunningBridge;
    beforeEach(async () => {
        bridge = await startFixture(common, process.env, { quietTime: 1000 });
    });
    afterEach(() => bridge.close());

    const ready = async () => (await fetch(new URL("/readyz", bridge.url))).status;

    it("is not ready at once, and finishes what it does before its processes end", async () => {
        await until(async () => (await ready()) === 200);
        const calls = await callAs(bridge, 500);
        await until(() => bridge.counts().inFlight === calls.length);
        const { pid } = await whoamiModern(bridge.url);
        let closed = false;
        const closing = bridge.close().then(() => (closed = true));
        assert.equal(await ready(), 503);
        assert.equal((await fetch(new URL("/livez", bridge.url))).status, 200);
        assert.deepEqual(
            await Promise.all(calls),
            calls.map(() => "slept"),
        );
        assert.equal(closed, false);
        await closing;
        assert.equal(isAlive(pid), false);
        assert.equal(listServers("rememberingServer").includes(pid), false);
        await assert.rejects(fetch(bridge.url));
    });

    it("takes calls that still come, and no session that would outlive them", async () => {
        const old = await openSession(bridge.url, { capabilities: asked });
        await callModern(bridge.url, "recall");
        const closing = bridge.close();
        const plain = await openSession(bridge.url);
        assert.equal(await plain.tell("recall"), "null");
        assert.equal(await old.tell("recall"), "null");
        const { status, headers } = await initialize(bridge.url, { capabilities: asked });
        assert.deepEqual(
            [status, headers.get("retry-after"), headers.get("connection")],
            [503, "2", "close"],
        );
        assert.equal((await plain.listen()).status, 503);
        await closing;
    });

    it("ends its streams as the protocols want it, once what they carry is said", async () => {
        const session = await openSession(bridge.url, { capabilities: asked });
        const [first, second] = [await session.listen(), await session.listen()];
        const listening = await openListening(bridge.url, { toolsListChanged: true });
        const call = await session.stream(
            "progress",
            { steps: 4, ms: 100 },
            { progressToken: "p" },
        );
        await call.count(1);
        const closing = bridge.close();
        for (const stream of [first, second, listening]) {
            assert.equal(await stream.end(), "properly");
        }
        assert.equal(call.ended, undefined);
        assert.equal(await call.end(), "properly");
        assert.equal(listening.messages.at(-1).result.resultType, "complete");
        assert.equal(call.messages.length, 5);
        await closing;
    });

    it("leaves a call that waits for its client's input, and its process", async () => {
        const call = { capabilities: asked, subject: "alice" };
        const { pid } = await whoamiModern(bridge.url, call);
        await callModern(bridge.url, "ask", question, call);
        assert.equal(bridge.counts().parked, 1);
        await bridge.close();
        assert.equal(bridge.counts().parked, 0);
        assert.equal(isAlive(pid), false);
    });

    it("loses no call of clients that call on until they hear of it", async () => {
        let told = false;
        let calls = 0;
        const client = async (value: string): Promise<void> => {
            while (!told) {
                const modern = { capabilities: value.startsWith("1") ? asked : {}, subject: value };
                const answer =
                    calls++ % 2 === 0
                        ? await callModern(bridge.url, "progress", { steps: 2, ms: 5 }, modern)
                        : await post(bridge.url, callTool("progress", { steps: 2, ms: 5 }));
                assert.equal(textOf(answer), "done");
            }
        };
        const clients = ["0", "1", "2", "10"].map(client);
        await until(() => calls > 20);
        const closing = bridge.close();
        const before = calls;
        await until(() => calls > before + 20);
        told = true;
        await Promise.all(clients);
        await closing;
    });
});

describe("a call that takes longer than a bridge may wait", () => {
    it("is told so, whoever called, and nothing is left behind", async () => {
        const before = listServers("rememberingServer").length;
        const bridge = await startFixture({ ...common, graceSeconds: 0.2 });
        const calls = await callAs(bridge, 60_000);
        await until(() => bridge.counts().inFlight === calls.length);
        await bridge.close();
        for (const reason of await Promise.all(calls)) {
            assert.match(reason, /the session is over|the server is shutting down/);
        }
        assert.equal(listServers("rememberingServer").length, before);
    });
});
