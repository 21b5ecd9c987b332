import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Bridge } from "../bridge.ts";
import { bridgeCore, pinned } from "../cores.ts";
import { echoServer } from "../files.ts";
import { median } from "../../figures.ts";
import { startBridge } from "../startBridge.ts";

const starts = 20;

/**
 * Time from the start of a bridge's process to its first list of tools, without what the stdio server itself takes until it
 * has given one: both are started in turn.
 */
export async function measureColdStart(
    bridge: Bridge,
): Promise<{ coldStartMs: number; serverStartMs: number }> {
    const bridges: number[] = [];
    const servers: number[] = [];
    for (let start = 0; start < starts; start += 1) {
        const running = await startBridge(bridge);
        bridges.push(running.coldStartMs);
        await running.stop();
        servers.push(await startServer());
    }
    const serverStartMs = median(servers);
    return { coldStartMs: median(bridges) - serverStartMs, serverStartMs };
}

/** Time of the stdio server alone until it has listed its tools, ms. */
async function startServer(): Promise<number> {
    const [command = "", ...args] = pinned(bridgeCore, [process.execPath, echoServer]);
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    const clientInfo = { name: "bench", version: "1.0.0" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    for (const message of [
        { id: 1, method: "initialize", params },
        { id: 2, method: "tools/list", params: {} },
    ]) {
        child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
        await once(lines, "line");
    }
    const took = performance.now() - started;
    child.stdin.end();
    await once(child, "exit");
    return took;
}
