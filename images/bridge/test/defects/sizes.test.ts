import assert from "node:assert/strict";
import { request } from "node:http";
import { enterSession } from "../support/enterSession.ts";
import { callTool, post, postModern, textOf, type Answered } from "../support/post.ts";
import type { RunningBridge } from "../support/startFixture.ts";
import { startUnruly } from "../support/startUnruly.ts";

const mebibyte = 1024 * 1024;
const lineLimit = 10 * mebibyte;

/** Ways to call a tool. */
const ways: Record<string, (url: string, name: string, args: object) => Promise<Answered>> = {
    "no session": (url, name, args) => post(url, callTool(name, { ...args })),
    "a process of its own": async (url, name, args) =>
        post(url, callTool(name, { ...args }), { headers: await enterSession(url, { roots: {} }) }),
    "2026-07-28": (url, name, args) => postModern(url, "tools/call", { name, arguments: args }),
};

describe("messages of any size up to the limits", () => {
    let bridge: RunningBridge;
    before(async () => {
        bridge = await startUnruly({ maxBodyBytes: 12 * mebibyte });
    });
    after(() => bridge.close());

    for (const [who, call] of Object.entries(ways)) {
        for (const bytes of [99_000, 101_000, mebibyte, 9.9 * mebibyte]) {
            it(`cross both ways for a client with ${who}: ${(bytes / mebibyte).toFixed(1)} MiB`, async () => {
                const value = "ž".repeat(Math.floor(bytes / 2));
                const length = String(Buffer.byteLength(value));
                assert.equal(textOf(await call(bridge.url, "length", { value })), length);
                const echoed = textOf(await call(bridge.url, "echo", { value }));
                assert.ok(echoed === value);
            });
        }

        it(`that are longer fail the one call of a client with ${who}, and nothing else`, async () => {
            const bytes = lineLimit;
            const [long, ...others] = await Promise.all([
                call(bridge.url, "large", { bytes }),
                call(bridge.url, "echo", { value: "short" }),
                post(bridge.url, callTool("echo", { value: "short" })),
            ]);
            assert.equal(long.last.id, 1);
            assert.deepEqual(long.last.error, {
                code: -32603,
                message: `the server's answer is longer than ${lineLimit} bytes`,
            });
            others.forEach((other) => assert.equal(textOf(other), "short"));
        });
    }

    it("that are longer and no answer at all fail no call", async () => {
        const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
        const long = "x".repeat(200);
        const own = await startUnruly({ maxLineBytes: 180 });
        try {
            const said = [
                line({ method: "notifications/message", params: { data: long } }),
                line({ id: "ID", method: "sampling/createMessage", params: { long } }),
                `${long}\n`,
            ];
            const base64 = Buffer.from(said.join("").replace('"ID"', "ID")).toString("base64");
            assert.equal(textOf(await post(own.url, callTool("raw", { base64 }))), "sane");
            assert.equal(own.log.filter(({ event }) => event === "line refused").length, 3);
            assert.equal(own.child.restarts, 0);
        } finally {
            await own.close();
        }
    });

    it("cost no more than their length, in however small pieces they come", async () => {
        // Joining all that came with every piece would copy 64 GiB here.
        const { LineSplitter } = await import("../../src/stdio/lineSplitter.ts");
        const lines: number[] = [];
        const splitter = new LineSplitter(16 * mebibyte, {
            onLine: (line) => lines.push(line.length),
            onOversize: () => assert.fail("not longer than the limit"),
        });
        const piece = Buffer.alloc(1024, "x");
        const began = process.cpuUsage().user;
        for (let pieces = 0; pieces < 16 * 1024; pieces++) {
            splitter.push(piece);
        }
        splitter.push(Buffer.from("\n"));
        assert.deepEqual(lines, [16 * mebibyte]);
        assert.ok(process.cpuUsage().user - began < 3e6);
    });

    it("that are larger than a body may be are refused as JSON, with or without their length", async () => {
        const own = await startUnruly({ maxBodyBytes: mebibyte });
        try {
            const message = JSON.stringify(callTool("length", { value: "x".repeat(mebibyte) }));
            const announced: Record<string, string>[] = [
                { "content-length": String(message.length) },
                { "transfer-encoding": "chunked" },
            ];
            for (const headers of announced) {
                const { status, type, connection, body } = await refused(own.url, message, headers);
                assert.deepEqual([status, type, connection], [413, "application/json", "close"]);
                assert.deepEqual(JSON.parse(body), {
                    jsonrpc: "2.0",
                    id: null,
                    error: {
                        code: -32600,
                        message: "the body must not be longer than 1048576 bytes",
                    },
                });
            }
            assert.equal(own.counts().inFlight, 0);
        } finally {
            await own.close();
        }
    });

    it("do not count for headers, which have a limit of their own: 431", async () => {
        const own = await startUnruly({ maxHeaderBytes: 4096 });
        try {
            const message = JSON.stringify(callTool("echo", { value: "x" }));
            const sized = (bytes: number) => ({ "x-long": "x".repeat(bytes) });
            assert.equal((await refused(own.url, message, sized(5000))).status, 431);
            assert.equal((await refused(own.url, message, sized(2000))).status, 200);
        } finally {
            await own.close();
        }
    });
});

/** Posts on a connection of its own, which may be refused before all is sent. */
function refused(url: string, body: string, headers: Record<string, string>) {
    return new Promise<{ status?: number; type?: string; connection?: string; body: string }>(
        (resolve, reject) => {
            const outgoing = request(url, {
                method: "POST",
                agent: false,
                headers: { "content-type": "application/json", ...headers },
            });
            let answered = false;
            outgoing.once("error", (error) => answered || reject(error));
            outgoing.once("response", (incoming) => {
                answered = true;
                let text = "";
                incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
                incoming.once("end", () => {
                    const { "content-type": type, connection } = incoming.headers;
                    const { statusCode: status } = incoming;
                    resolve({
                        body: text,
                        ...(status && { status }),
                        ...(type && { type }),
                        ...(connection && { connection }),
                    });
                });
            });
            outgoing.end(body);
        },
    );
}
