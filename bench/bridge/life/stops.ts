import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import type { Call } from "../loadOrders.ts";
import { pause } from "../pause.ts";
import { startBridge } from "../startBridge.ts";

const stops = 20;

/**
 * Stops the bridge under load, again and again. A call is lost that went out on an open connection and came to no answer,
 * a torn one or an error; one that was refused, by the socket or with 503, can be sent to another replica and is not. A
 * connection loses one call a stop at most.
 */
export async function measureStops(
    bridge: Bridge,
    generator: LoadGenerator,
): Promise<{ stops: number; lostOnSigterm: number; lostBecause?: string }> {
    let lostOnSigterm = 0;
    let lostBecause: string | undefined;
    for (let stop = 0; stop < stops; stop += 1) {
        const running = await startBridge(bridge);
        try {
            await generator.open(running.target, 16);
            // Short calls, so that SIGTERM comes between two of them, and calls that it interrupts.
            const call: Call = stop % 2 === 0 ? { tool: "echo" } : { tool: "sleep", ms: 50 };
            const load = generator.load({ call, ms: 3000, untilFailure: true });
            await pause(500 + stop * 7);
            running.terminate();
            const { lost, failures } = await load;
            lostOnSigterm += lost;
            lostBecause ??= lost > 0 ? findReason(failures) : undefined;
            await generator.close();
        } finally {
            await running.stop();
        }
    }
    return {
        stops,
        lostOnSigterm,
        ...(lostBecause === undefined ? {} : { lostBecause }),
    };
}

function findReason(failures: Record<string, number>): string | undefined {
    return Object.keys(failures).find((text) => !/ECONNREFUSED|got 503/.test(text));
}
