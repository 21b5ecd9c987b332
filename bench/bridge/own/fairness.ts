import type { Bridge } from "../bridge.ts";
import { LoadGenerator } from "../loadGenerator.ts";
import { measureLoad, warm, type FailedCell, type Measurement } from "../measureRound.ts";
import { pause } from "../pause.ts";
import { startBridge } from "../startBridge.ts";
import { measureInTurn } from "./measureInTurn.ts";

/** Calls in flight of one caller: the bridge's own default. */
const cap = 256;
/** What the other caller calls, ms: a cap on calls in flight is reached by calls that take their time. */
const flood = { tool: "sleep", ms: 50 } as const;
/** How much longer than its slice the flood lasts, ms. */
const margin = 2500;

/** A caller with one call at a time, alone and while another caller keeps as many in flight as it may. */
export async function measureFairness(
    bridge: Bridge,
    round: number,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    // Gives way on their core, so that what is measured is the bridge and not the other caller's client.
    const other = new LoadGenerator(19);
    const running = await startBridge(bridge, ["--identity", "headers"]);
    try {
        await warm(running, generator);
        const measure = () =>
            measureLoad(
                [running],
                [{ ...running.target, subject: "one" }],
                { call: { tool: "echo" }, connections: 1 },
                generator,
            );
        return await measureInTurn(bridge, round, generator, {
            "alone-1": measure,
            "flooded-1": async () => {
                await other.open({ ...running.target, subject: "other" }, cap);
                const flooding = other.load({ call: flood, ms: margin });
                await pause(300);
                const figures = await measure();
                await flooding;
                await other.close();
                return figures;
            },
        });
    } finally {
        other.end();
        await running.stop();
    }
}
