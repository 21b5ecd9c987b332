import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, textOf } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startReplicas } from "../support/startReplicas.ts";
import { startUnruly, unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** How long nothing of an answer may be read, in milliseconds: longer than a busy machine lets a reader wait. */
const writeTimeout = 1200;
/** Longer than the buffers of both ends hold. */
const bytes = 9_000_000;
const large = callTool("large", { bytes });
const flood = callTool("flood", { events: 40, bytes: 1_000_000 }, { progressToken: "mine" });
const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
};

/** What a client sends whose answer is long: path, message and headers. */
type Asking = (url: string) => Promise<[path: string, message: unknown, headers: object]>;

const ways: Record<string, Asking> = {
    "up to 2025-11-25, without a session": () => Promise.resolve(["/mcp", large, {}]),
    "up to 2025-11-25, in a session": async (url) => ["/mcp", large, await enterSession(url)],
    "up to 2025-11-25, on a stream": async (url) => ["/mcp", flood, await enterSession(url)],
    "of 2026-07-28": () => {
        const params = { ...(large.params as object), _meta: envelope };
        const headers = {
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": "large",
        };
        return Promise.resolve(["/mcp", { ...large, params }, headers]);
    },
    "by REST": () => {
        const body = { tool_name: "large", tool_args: { bytes } };
        return Promise.resolve(["/call", body, {}]);
    },
};

/** Sends a request and reads nothing. */
async function ask(url: string, asking: Asking): Promise<Socket> {
    const { port, hostname } = new URL(url);
    const [path, message, headers] = await asking(url);
    const body = JSON.stringify(message);
    const all = {
        host: "localhost",
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "content-length": Buffer.byteLength(body),
        ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(port), hostname).pause();
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
    return socket;
}

describe("a client that stops reading its answer", () => {
    let bridge: RunningBridge;
    beforeEach(async () => {
        bridge = await startUnruly({ maxInFlight: 3 }, { writeTimeout, keepAliveInterval: 100 });
    });
    afterEach(() => bridge.close());

    for (const [who, asking] of Object.entries(ways)) {
        it(`gives its place to others, though it never leaves: ${who}`, async () => {
            const sockets = await Promise.all([1, 2, 3].map(() => ask(bridge.url, asking)));
            await until(() => bridge.counts().inFlight === 3);
            await until(async () => {
                const answer = await post(bridge.url, callTool("echo", { value: "x" }));
                return answer.status === 200 && textOf(answer) === "x";
            });
            await until(() => bridge.counts().inFlight === 0);
            sockets.forEach((socket) => socket.destroy());
        });

        it(`gets all of it however slowly it reads: ${who}`, async () => {
            const socket = await ask(bridge.url, asking);
            const began = performance.now();
            let read = 0;
            let tail = "";
            let closed = false;
            socket.once("close", () => (closed = true));
            // Parts of what is there, with pauses that are shorter than the limit and add up to more.
            while (read < bytes && !tail.includes("flooded") && !closed) {
                const chunk = socket.read() as Buffer | null;
                read += chunk?.length ?? 0;
                tail = (tail + (chunk?.toString("latin1", chunk.length - 100) ?? "")).slice(-200);
                await delay(performance.now() - began < 3 * writeTimeout ? 40 : 1);
            }
            const took = performance.now() - began;
            assert.ok(took > 2 * writeTimeout, `took ${took} ms`);
            assert.ok(!closed, `closed after ${read} bytes`);
            socket.destroy();
        });
    }

    it("may take as long as its call takes, when there is nothing to read", async () => {
        const call = callTool("work", { ms: 3 * writeTimeout });
        const headers = { accept: "application/json" };
        assert.equal(textOf(await post(bridge.url, call, { headers })), "worked");
    });

    it("gives its place to others at both replicas when its session is at another", async () => {
        const [opening, other] = ["127.0.0.2", "127.0.0.3"] as const;
        const times = { writeTimeout, keepAliveInterval: 100, quietTime: 0 };
        const options = { command: unruly(), maxInFlight: 3, graceSeconds: 0 };
        const replicas = await startReplicas([opening, other], options, times);
        const [a, b] = [replicas.at[opening] as RunningBridge, replicas.at[other] as RunningBridge];
        try {
            const headers = await enterSession(a.url, { roots: {} });
            const asking: Asking = () => Promise.resolve(["/mcp", large, headers]);
            const sockets = await Promise.all([1, 2, 3].map(() => ask(b.url, asking)));
            await until(() => a.counts().inFlight === 3 && b.counts().inFlight === 3);
            await until(() => a.counts().inFlight === 0 && b.counts().inFlight === 0);
            sockets.forEach((socket) => socket.destroy());
        } finally {
            await replicas.close();
        }
    });
});
