import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { fixture } from "../support/startFixture.ts";
import { callTool, post, textOf } from "../support/post.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { until } from "../support/until.ts";

/** The largest file that anyone may have, 1.4 MB. */
const path = "/docs/swagger-ui-bundle.js";
const get = (what = path) => `GET ${what} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
/** What readers may cost together, whoever they are: each file once, and what the system and noise add. */
const allowedMb = 40;

async function askMuch(port: number, what: string): Promise<() => void> {
    const socket = connect(port, "127.0.0.1").pause();
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => undefined).write(get(what).repeat(1000));
    return () => socket.destroy();
}

/** Ways for callers without a token to want much, and how they leave again. */
const ways: Record<string, (port: number) => Promise<() => void>> = {
    "200 that do not read": async (port) => {
        const sockets = await Promise.all(
            Array.from({ length: 200 }, async () => {
                const socket = connect(port, "127.0.0.1").pause();
                await new Promise((resolve) => socket.once("connect", resolve));
                socket.on("error", () => undefined).write(get());
                return socket;
            }),
        );
        return () => sockets.forEach((socket) => socket.destroy());
    },
    "one that asks 1,000 times and does not read": (port) => askMuch(port, path),
    "one that asks for metrics 1,000 times and does not read": (port) => askMuch(port, "/metrics"),
    "500 that read": async (port) => {
        const requests = Array.from({ length: 500 }, () => {
            const outgoing = request({ port, path, agent: false, host: "127.0.0.1" });
            outgoing.on("response", (incoming) => incoming.resume());
            outgoing.on("error", () => undefined).end();
            return outgoing;
        });
        await Promise.race(requests.map((one) => new Promise((end) => one.once("response", end))));
        return () => requests.forEach((one) => one.destroy());
    },
};

function readMb(pid: number): number {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) / 1024;
}

describe("readers of open pages", function () {
    this.timeout(60_000);
    let program: RunningProgram;
    let port: number;
    let url: string;
    before(async () => {
        bundlePrograms();
        const args = ["--port", "0", "--max-in-flight", "5", "--", process.execPath, fixture];
        program = startProgram("bridge", args);
        const find = () => program.log.find(({ event }) => event === "listening");
        await until(() => find() !== undefined);
        port = Number(find()?.port);
        url = `http://127.0.0.1:${port}`;
        await until(async () => (await fetch(`${url}/readyz`)).status === 200);
        await (await fetch(url + path)).arrayBuffer();
    });
    after(async () => {
        process.kill(program.pid, "SIGTERM");
        await program.ended;
    });

    for (const [who, come] of Object.entries(ways)) {
        it(`take no call's place, hold up nobody and cost bounded memory: ${who}`, async () => {
            const before = readMb(program.pid);
            const leave = await come(port);
            let most = 0;
            try {
                for (let round = 0; round < 10; round++) {
                    const answer = await post(`${url}/mcp`, callTool("echo", { value: "x" }));
                    assert.equal(answer.status, 200);
                    assert.equal(textOf(answer), "x");
                    const asked = performance.now();
                    assert.equal((await fetch(`${url}/livez`)).status, 200);
                    assert.ok(performance.now() - asked < 1000);
                    most = Math.max(most, readMb(program.pid) - before);
                }
            } finally {
                leave();
            }
            assert.ok(most < allowedMb, `grew by ${most} MB`);
            await until(async () => {
                const page = await fetch(url + path);
                const { byteLength } = await page.arrayBuffer();
                return page.status === 200 && byteLength > 1_000_000;
            });
        });
    }

    it("beyond those that are served at once are told to come again, as REST tells it", async () => {
        await until(async () => {
            // Anew each time: the system's buffers may hold the answers of readers, which then are served.
            const leave = await ways["200 that do not read"]?.(port);
            try {
                const page = await fetch(url + path);
                const text = await page.text();
                const code = page.status === 503 ? JSON.parse(text).error.code : undefined;
                return page.headers.get("retry-after") === "1" && code === "unavailable";
            } finally {
                leave?.();
            }
        });
    });
});
