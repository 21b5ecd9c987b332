import type { Bridge } from "../bridge.ts";
import { McpConnection } from "../mcpConnection.ts";
import { median } from "../../figures.ts";
import { pause } from "../pause.ts";
import { startBridge } from "../startBridge.ts";

const sessions = 40;
/** Time between sessions, in which a pool can warm up again. */
const betweenMs = 300;

/** Time of a new client until its first answer, a list of tools, with a process of its own where the bridge has that. */
export async function measureSessionStart(bridge: Bridge): Promise<{ sessionStartMs: number }> {
    const running = await startBridge(bridge, bridge.ownProcesses ?? []);
    const times: number[] = [];
    try {
        for (let session = 0; session <= sessions; session += 1) {
            const client = new McpConnection(running.target);
            const started = performance.now();
            await client.open();
            await client.request("tools/list", {});
            // The first lease is what makes a pool warm.
            if (session > 0) times.push(performance.now() - started);
            await client.end();
            await pause(betweenMs);
        }
        return { sessionStartMs: median(times) };
    } finally {
        await running.stop();
    }
}
