import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import { pause } from "../pause.ts";
import { readRssMb } from "../processUse.ts";
import { startBridge } from "../startBridge.ts";

const calls = 100_000;
/** A bridge that has not done the calls by then is measured after as many as it did. */
const longestMs = 120_000;

/** Memory of the bridge's own processes after its first call, and after a hundred thousand. */
export async function measureMemory(
    bridge: Bridge,
    generator: LoadGenerator,
): Promise<{ rssIdleMb: number; rssAfterMb: number; rssAfterCalls: number }> {
    const running = await startBridge(bridge);
    try {
        await pause(2000);
        const rssIdleMb = readRssMb(running.processes().own);
        await generator.open(running.target, 16);
        const { done } = await generator.load({ call: { tool: "echo" }, ms: longestMs, calls });
        await generator.close();
        await pause(2000);
        return { rssIdleMb, rssAfterMb: readRssMb(running.processes().own), rssAfterCalls: done };
    } finally {
        await running.stop();
    }
}
