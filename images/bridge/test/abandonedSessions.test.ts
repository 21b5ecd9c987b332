import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { post } from "./support/post.ts";
import { startFixture } from "./support/startFixture.ts";
import { until } from "./support/until.ts";

const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "t", version: "1" },
    },
};
const childrenOf = (pid: number): string =>
    spawnSync("ps", ["--ppid", String(pid), "-o", "pid=,args="], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line.includes("server.mjs"))
        .join("\n");

describe("500 clients that never say goodbye", () => {
    it("leave no process, no entry and no memory behind", async () => {
        const bridge = await startFixture();
        try {
            const visit = async (): Promise<void> => {
                const { headers } = await post(bridge.url, initialize);
                const session = { "mcp-session-id": headers.get("mcp-session-id") ?? "" };
                const message = { jsonrpc: "2.0", id: 2, method: "tools/list" };
                const gone = AbortSignal.timeout(5000);
                await post(bridge.url, message, { headers: session, signal: gone });
            };
            const visits = async (count: number): Promise<void> => {
                for (let done = 0; done < count; done += 20) {
                    await Promise.all(Array.from({ length: 20 }, visit));
                }
                await until(() => bridge.counts().inFlight === 0);
            };
            await visits(500);
            const before = { processes: childrenOf(process.pid), heap: await measureHeap() };
            await visits(500);
            const after = { processes: childrenOf(process.pid), heap: await measureHeap() };

            assert.equal(after.processes, before.processes);
            assert.equal(after.processes.split("\n").length, 1);
            assert.deepEqual(bridge.counts(), {
                inFlight: 0,
                cancellable: 0,
                streams: 0,
                calls: 0,
            });
            // The log that this test keeps is part of the growth.
            assert.ok(after.heap - before.heap < 4e6, `grew by ${after.heap - before.heap} bytes`);
        } finally {
            await bridge.close();
        }
    });
});

async function measureHeap(): Promise<number> {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    return process.memoryUsage().heapUsed;
}
