import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import type { FailedCell, Figures, Measurement } from "../measureRound.ts";

/** Two or more situations of one bridge that are compared, each measured for a second in turn. */
export type Situations = Record<string, () => Promise<Figures>>;

/** How often each situation is measured in a round. */
const slices = 4;

/** Measures situations in turn, so that what slows the machine for seconds slows all. */
export async function measureInTurn(
    bridge: Bridge,
    round: number,
    generator: LoadGenerator,
    situations: Situations,
): Promise<(Measurement | FailedCell)[]> {
    const results: (Measurement | FailedCell)[] = [];
    for (let slice = 1; slice <= slices; slice += 1) {
        for (const [cell, measure] of Object.entries(situations)) {
            const where = { name: bridge.name, cell, round, slice };
            try {
                results.push({ ...where, ...(await measure()) });
            } catch (error) {
                results.push({ ...where, failed: (error as Error).message });
            } finally {
                await generator.close();
            }
        }
    }
    return results;
}
