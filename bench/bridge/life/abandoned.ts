import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import { CallFailure, McpConnection } from "../mcpConnection.ts";
import { pause } from "../pause.ts";
import { readRssMb } from "../processUse.ts";
import { startBridge, type RunningBridge } from "../startBridge.ts";

const clients = 500;
/** Clients before the measurement, so that what a bridge keeps ready anyway is not counted as left. */
const clientsBefore = 50;
/** How long may pass, past the idle lifetime of two seconds, until everything has to be gone. */
const patienceMs = 20_000;

/** What 500 clients leave that call once and never say goodbye; the worst of the bridge's isolations. */
export async function measureAbandoned(
    bridge: Bridge,
    generator: LoadGenerator,
): Promise<{ abandonedClients: number; abandonedChildren: number; abandonedRssGrowthMb: number }> {
    let [children, growthMb] = [0, 0];
    for (const flags of bridge.shortSessions ?? [[]]) {
        const running = await startBridge(bridge, flags);
        try {
            await generator.open(running.target, 16);
            await generator.load({ call: { tool: "echo" }, ms: 10_000, calls: 20_000 });
            await generator.close();
            await abandon(running, clientsBefore);
            await pause(6000);
            const before = countServers(running);
            const rssBefore = readRssMb(running.processes().own);

            await abandon(running, clients);
            const deadline = performance.now() + patienceMs;
            while (countServers(running) > before && performance.now() < deadline) await pause(200);
            await pause(2000);
            children = Math.max(children, countServers(running) - before);
            growthMb = Math.max(growthMb, readRssMb(running.processes().own) - rssBefore);
        } finally {
            await running.stop();
        }
    }
    return {
        abandonedClients: clients,
        abandonedChildren: children,
        abandonedRssGrowthMb: growthMb,
    };
}

function countServers(running: RunningBridge): number {
    return running.processes().servers.length;
}

/** Clients that open a session, call once and are gone; every fifth leaves its connection open. */
async function abandon(running: RunningBridge, count: number): Promise<void> {
    const open: McpConnection[] = [];
    for (let index = 0; index < count; index += 1) {
        const client = new McpConnection(running.target);
        for (;;) {
            try {
                await client.open({ elicitation: {}, sampling: {}, roots: {} });
                await client.call("echo", { text: "once" }, "once");
                break;
            } catch (error) {
                // Full: the client comes back, as Retry-After tells it.
                if (!(error instanceof CallFailure) || error.status !== 503) throw error;
                await pause(100);
            }
        }
        if (index % 5 === 0) open.push(client);
        else client.close();
    }
    for (const client of open) client.close();
}
