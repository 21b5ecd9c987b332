import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { BridgeOptions } from "../src/options/bridgeOptions.ts";
import { post } from "./support/post.ts";
import { startFixture, type RunningBridge } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

/** Processes of the fixture that this process started. */
function countServers(): number {
    return readdirSync("/proc").filter((pid) => {
        try {
            const parent = /^PPid:\s+(\d+)$/m.exec(
                readFileSync(`/proc/${pid}/status`, "utf8"),
            )?.[1];
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
            return Number(parent) === process.pid && command.includes("server.mjs");
        } catch {
            return false;
        }
    }).length;
}

/** Opens a session, calls, and goes without a word. */
async function visit({ url }: RunningBridge): Promise<void> {
    const params = {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "t", version: "1" },
    };
    const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params };
    const { headers, status } = await post(url, initialize);
    if (status === 503) {
        return;
    }
    const session = { "mcp-session-id": headers.get("mcp-session-id") ?? "" };
    const message = { jsonrpc: "2.0", id: 2, method: "tools/list" };
    const { last } = await post(url, message, { headers: session });
    assert.ok(last.result);
}

async function visits(bridge: RunningBridge, count: number, atOnce: number): Promise<void> {
    for (let done = 0; done < count; done += atOnce) {
        await Promise.all(Array.from({ length: atOnce }, () => visit(bridge)));
    }
}

async function measureHeap(): Promise<number> {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    return process.memoryUsage().heapUsed;
}

describe("500 clients that never say goodbye", () => {
    const cases: [what: string, count: number, atOnce: number, options: Partial<BridgeOptions>][] =
        [
            ["one process for all", 500, 20, { isolation: "shared" }],
            // Each costs a process of the server, so that most of them find none free and are told to come back.
            ["a process each", 500, 20, { isolation: "session", maxChildren: 4 }],
        ];
    for (const [what, count, atOnce, options] of cases) {
        it(`leave no process, no entry and no memory behind, with ${what}`, async () => {
            const before = countServers();
            const bridge = await startFixture({ ...options, sessionIdleSeconds: 1 });
            try {
                await until(() => bridge.child.description !== undefined);
                await visits(bridge, count, atOnce);
                await until(() => bridge.counts().sessions === 0);
                const heap = await measureHeap();
                await visits(bridge, count, atOnce);
                await until(() => bridge.counts().sessions === 0);
                await until(() => bridge.counts().children.leased === 0);
                const { inFlight, streams, parked, calls } = bridge.counts();
                assert.deepEqual([inFlight, streams, parked, calls], [0, 0, 0, 0]);
                const kept = 1 + bridge.counts().children.warm;
                await until(() => countServers() - before === kept);
                // The log that this test keeps is part of the growth.
                const growth = (await measureHeap()) - heap;
                assert.ok(growth < 4e6, `grew by ${growth} bytes`);
            } finally {
                await bridge.close();
            }
            await until(() => countServers() === before);
        });
    }
});
