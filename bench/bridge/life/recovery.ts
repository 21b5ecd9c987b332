import type { Bridge } from "../bridge.ts";
import { McpConnection } from "../mcpConnection.ts";
import { pause } from "../pause.ts";
import { startBridge } from "../startBridge.ts";

/** When a bridge that still does not answer is said never to recover. */
const longestMs = 15_000;

/** Time from the death of the stdio server to the next right answer; null when there is none for 15 s. */
export async function measureRecovery(bridge: Bridge): Promise<{ recoveryMs: number | null }> {
    const running = await startBridge(bridge);
    const client = new McpConnection(running.target);
    try {
        await client.open();
        await client.call("echo", { text: "before" }, "before");
        for (const pid of running.processes().servers) process.kill(pid, "SIGKILL");
        const killed = performance.now();
        const recovered = retry(client, killed).then(() => performance.now() - killed);
        const recoveryMs = await Promise.race([recovered, pause(longestMs).then(() => null)]);
        return { recoveryMs };
    } finally {
        client.close();
        await running.stop();
    }
}

/** Calls until it works, with a new session when the old one fails. */
async function retry(client: McpConnection, killed: number): Promise<void> {
    while (performance.now() - killed < longestMs) {
        try {
            await client.call("echo", { text: "after" }, "after");
            return;
        } catch {
            await pause(5);
            await client.open().catch(() => undefined);
        }
    }
    // Whoever waits for this gave up at the same moment.
    await pause(longestMs);
}
