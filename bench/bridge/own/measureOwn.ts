import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import type { FailedCell, Measurement } from "../measureRound.ts";
import { measureFairness } from "./fairness.ts";
import { measureReplicas } from "./replicas.ts";

/** What only our bridge has: replicas that pass requests on, and callers that share it. */
export async function measureOwn(
    bridge: Bridge,
    round: number,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    const results: (Measurement | FailedCell)[] = [];
    for (const [name, measure] of Object.entries({ measureReplicas, measureFairness })) {
        console.log(`round ${round}: ${name.replace("measure", "").toLowerCase()}`);
        results.push(...(await measure(bridge, round, generator)));
    }
    return results;
}
